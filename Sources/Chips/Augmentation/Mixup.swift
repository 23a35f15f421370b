import Classes
import Numerics

/// A batch mixed with a permutation of itself, in one share for all chips from Beta(alpha, alpha).
///
/// Where a pixel has data in one of the two chips only it is that chip's alone, value and both labels;
/// without data in both it is 0 and unlabelled. A pixel with data but without a label keeps its share of the
/// value and counts in no loss.
///
/// - Source: Zhang et al. 2017, arXiv:1710.09412.
struct Mixup {
  private let partners: [Int]
  private let share: Double

  /// Draws the permutation and the share.
  package init(alpha: Double, count: Int, random: RandomSource) {
    var random = random
    partners = BatchMixing.partners(count, random: &random)
    share = random.beta(alpha, alpha)
  }

  /// Mixes the batch in place.
  ///
  /// - Returns: the labels of the other chips.
  package func apply(to batch: BatchPixels) -> ChipBatch.Mixture {
    let (values, valid, targets) = (Array(batch.values), Array(batch.valid), Array(batch.targets))
    let plane = batch.size * batch.size
    var others = [UInt8](repeating: ClassIndex.none, count: batch.count * plane)
    // A pixel without data is 0, so that its weight matters only in that the other's is 1.
    var own = [Float](repeating: 1, count: plane)
    var other = own
    for (index, partner) in partners.enumerated() {
      let chip = batch.chip(index)
      for pixel in 0..<plane {
        let (here, there) = (chip.valid[pixel], valid[partner * plane + pixel])
        own[pixel] = there ? Float(1 - share) : 1
        other[pixel] = here ? Float(share) : 1
        let (label, otherLabel) = (chip.targets[pixel], targets[partner * plane + pixel])
        chip.targets[pixel] = here ? label : otherLabel
        others[index * plane + pixel] = there ? otherLabel : label
        chip.valid[pixel] = here || there
      }
      for band in 0..<batch.bands {
        let (line, first) = (chip.plane(band), (partner * batch.bands + band) * plane)
        for pixel in 0..<plane {
          line[pixel] = own[pixel] * line[pixel] + other[pixel] * values[first + pixel]
        }
      }
    }
    return ChipBatch.Mixture(targets: others, share: share, partners: partners)
  }
}
