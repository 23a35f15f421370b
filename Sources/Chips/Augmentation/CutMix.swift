import Numerics
import Rasters

/// Rectangles of chips that are replaced by the same rectangle of another chip of the batch: values, labels
/// and validity of each pixel, so that no label is shared out.
///
/// The share of the area is uniform in 0 ... 1, which is Beta(1, 1), before the sides are rounded to pixels;
/// the rectangle is square and lies within the chip, where the paper lets it reach out.
///
/// - Source: Yun et al. 2019, arXiv:1905.04899; for segmentation French et al. 2020, arXiv:1906.01916.
struct CutMix {
  private let partners: [Int]
  private let rectangles: [Window?]

  /// Draws a rectangle for each chip, with a probability.
  package init(_ probability: Double, count: Int, size: Int, random: RandomSource) {
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
  package func apply(to batch: BatchPixels) {
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
