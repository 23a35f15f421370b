import Classes
import Foundation
import Numerics
import Rasters

/// A rectangle of a chip that is erased: 0, unlabelled, and treated as without data by what comes after.
///
/// It takes 2 % to 20 % of the chip, before its sides are rounded to pixels, at a ratio of sides of 0.3 to 1
/// / 0.3.
///
/// - Source: Zhong et al. 2017, arXiv:1708.04896; there without the labels' being erased, for classification.
struct Erasing {
  private let rectangle: Window

  /// Creates a rectangle of its own.
  package init(size: Int, random: inout RandomSource) {
    let area = random.uniform(0.02, 0.2)
    let ratio = pow(0.3, random.uniform(-1, 1))
    let height = Self.side((area * ratio).squareRoot(), size)
    let width = Self.side((area / ratio).squareRoot(), size)
    rectangle = Window(
      column: random.index(below: size - width + 1), row: random.index(below: size - height + 1),
      width: width, height: height)
  }

  private static func side(_ share: Double, _ size: Int) -> Int {
    max(1, min(size, Int((share * Double(size)).rounded())))
  }

  /// Erases the rectangle.
  package func apply(to chip: ChipPixels) {
    for row in rectangle.rows {
      let line = row * chip.size + rectangle.column..<row * chip.size + rectangle.column + rectangle.width
      for pixel in line { (chip.valid[pixel], chip.targets[pixel]) = (false, ClassIndex.none) }
      for band in 0..<chip.bands {
        let values = chip.plane(band)
        for pixel in line { values[pixel] = 0 }
      }
    }
  }
}
