import Classes
import Numerics
import Tensors

/// Pixels of some classes of a labelled chip, to be pasted onto a chip of another domain: those of half of
/// the chip's classes, rounded up.
///
/// - Source: Olsson et al. 2021, arXiv:2007.07936; between domains Tranheden et al. 2021, arXiv:2007.08702
///   (DACS).
package struct ClassMix {
  /// The pixels that are pasted, `[N, H, W]`.
  package let isPasted: [Bool]
  private let plane: Int

  /// Draws the classes of each chip of `targets`, `[N, H, W]`, chips of `plane` pixels; what has no label is
  /// not pasted.
  package init(_ targets: [UInt8], plane: Int, random: inout RandomSource) {
    self.plane = plane
    var isPasted = Array(repeating: false, count: targets.count)
    for start in stride(from: 0, to: targets.count, by: plane) {
      var classes = Array(Set(targets[start..<start + plane]).subtracting([ClassIndex.none])).sorted()
      classes.shuffle(using: &random)
      let picked = Set(classes.prefix((classes.count + 1) / 2))
      for pixel in start..<start + plane { isPasted[pixel] = picked.contains(targets[pixel]) }
    }
    self.isPasted = isPasted
  }

  /// Values `[N, C, H, W]` of the labelled chips where they are pasted, of the others elsewhere.
  package func values(_ labelled: Tensor, onto other: Tensor) -> Tensor {
    let channels = labelled.shape.channels
    return Tensor(shape: other.shape) { mixed in
      labelled.withValues { labelled in
        other.withValues { other in
          for index in mixed.indices {
            let pixel = index / (channels * plane) * plane + index % plane
            mixed[index] = isPasted[pixel] ? labelled[index] : other[index]
          }
        }
      }
    }
  }

  /// Labels of the pasted pixels; all others are ``ClassIndex/none``. The other way round with `pasted:
  /// false`.
  package func labels(_ labels: [UInt8], pasted: Bool = true) -> [UInt8] {
    zip(labels, isPasted).map { $1 == pasted ? $0 : ClassIndex.none }
  }
}
