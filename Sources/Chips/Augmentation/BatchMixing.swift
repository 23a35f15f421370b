import Classes
import Numerics
import Rasters

/// The mixing of the chips of one batch.
struct BatchMixing {
  private let cutMix: CutMix?
  private let mixup: Mixup?

  /// Draws how a batch is mixed, from streams that branch off where the batch begins. Nothing is mixed in a
  /// batch of one.
  package init(_ settings: Augmentation, count: Int, size: Int, random: RandomSource) {
    let isMixed = count > 1
    cutMix =
      isMixed && settings.cutmix > 0
      ? CutMix(settings.cutmix, count: count, size: size, random: random.branch("cutmix")) : nil
    mixup =
      isMixed && settings.mixup > 0
      ? Mixup(alpha: settings.mixup, count: count, random: random.branch("mixup")) : nil
  }

  /// Mixes the batch in place.
  package func apply(to batch: BatchPixels) -> ChipBatch.Mixture? {
    cutMix?.apply(to: batch)
    return mixup?.apply(to: batch)
  }

  /// Draws another chip for each: a permutation of one cycle, all of them alike likely, so that no chip is
  /// its own partner.
  ///
  /// - Source: Sattolo 1986, doi:10.1016/0020-0190(86)90073-6.
  static func partners(_ count: Int, random: inout RandomSource) -> [Int] {
    var partners = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      partners.swapAt(last, random.index(below: last))
    }
    return partners
  }
}

/// Rectangles of chips that are replaced by the same rectangle of another chip of the batch: values, labels
/// and validity of each pixel, so that no label is shared out.
///
/// The share of the area is uniform in 0 ... 1, which is Beta(1, 1), before the sides are rounded to pixels;
/// the rectangle is square and lies within the chip, where the paper lets it reach out.
///
/// - Source: Yun et al. 2019, arXiv:1905.04899; for segmentation French et al. 2020, arXiv:1906.01916.
private struct CutMix {
  private let partners: [Int]
  private let rectangles: [Window?]

  /// Draws a rectangle for each chip, with a probability.
  init(_ probability: Double, count: Int, size: Int, random: RandomSource) {
    var random = random
    partners = BatchMixing.partners(count, random: &random)
    rectangles = (0..<count).map { _ in
      let isPasted = random.uniform() < probability
      let side = Int((random.uniform().squareRoot() * Double(size)).rounded())
      let (column, row) = (random.index(below: size - side + 1), random.index(below: size - side + 1))
      return isPasted ? Window(column: column, row: row, width: side, height: side) : nil
    }
  }

  /// Pastes the rectangles, all of them from the chips as they were before.
  func apply(to batch: BatchPixels) {
    let (values, valid, targets) = (Array(batch.values), Array(batch.valid), Array(batch.targets))
    let (size, plane) = (batch.size, batch.size * batch.size)
    for (index, rectangle) in rectangles.enumerated() {
      guard let rectangle else { continue }
      let (chip, partner) = (batch.chip(index), partners[index])
      for row in rectangle.rows {
        for pixel in row * size + rectangle.column..<row * size + rectangle.column + rectangle.width {
          chip.valid[pixel] = valid[partner * plane + pixel]
          chip.targets[pixel] = targets[partner * plane + pixel]
          for band in 0..<batch.bands {
            chip.values[band * plane + pixel] = values[(partner * batch.bands + band) * plane + pixel]
          }
        }
      }
    }
  }
}

/// A batch mixed with a permutation of itself, in one share for all chips from Beta(alpha, alpha).
///
/// Where a pixel has data in one of the two chips only it is that chip's alone, value and both labels;
/// without data in both it is 0 and unlabelled. A pixel with data but without a label keeps its share of the
/// value and counts in no loss.
///
/// - Source: Zhang et al. 2017, arXiv:1710.09412.
private struct Mixup {
  private let partners: [Int]
  private let share: Double

  /// Draws the permutation and the share.
  init(alpha: Double, count: Int, random: RandomSource) {
    var random = random
    partners = BatchMixing.partners(count, random: &random)
    share = random.beta(alpha, alpha)
  }

  /// Mixes the batch in place.
  ///
  /// - Returns: the labels of the other chips.
  func apply(to batch: BatchPixels) -> ChipBatch.Mixture {
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
