import Foundation
import Numerics
import Products
import Rasters
import Runs

/// Draws the pictures of products from their files, made small and encoded for the page.
package struct ProductPainter {
  /// How much is drawn of a product.
  package enum Detail: Sendable {
    /// All pictures, as large as a reader looks at.
    case full
    /// The scene and its map, small: many products have room on one page.
    case compact
  }

  private let output: URL
  private let detail: Detail

  /// Creates a painter of products below an output directory.
  package init(output: URL, detail: Detail) { (self.output, self.detail) = (output, detail) }

  /// The longest side of a picture in pixels: 500 products in compact pictures are 12 MB or so.
  private var side: Int { detail == .full ? 512 : 192 }
  private var quality: Int { detail == .full ? 82 : 70 }
  /// The longest side of a comparison's sheet of three pictures.
  private static let sheetSide = 1200

  /// Draws the products, on several threads.
  package func draw(_ products: [ReportedProduct]) -> [ReportedProduct] {
    var drawn = products
    drawn.withUnsafeMutableBufferPointer { drawn in
      // Each index is written by one thread alone.
      nonisolated(unsafe) let drawn = drawn.baseAddress!
      parallelLoop(products.count) { index in drawn[index].pictures = pictures(of: products[index]) }
    }
    return drawn
  }

  /// Returns what can be drawn of one product; a file that cannot be read is left out with the reason.
  func pictures(of product: ReportedProduct) -> ProductPictures {
    var shown = ProductPictures()
    func attempt(_ draw: () throws -> ProductPictures.Picture?) {
      do { if let picture = try draw() { shown.pictures.append(picture) } } catch {
        shown.problems.append("\(error)")
      }
    }
    let paths = product.files.map(\.path)
    let isChange = product.change != nil
    if let scene = paths.first(where: { $0.hasSuffix("/\(ScenePicture.file)") }) {
      attempt { try picture(at: scene, .scene, product.item?.overview ?? "the scene", side: side) }
    } else if isChange, detail == .full,
      let sheet = paths.first(where: { $0.hasSuffix("/\(MapProduct.preview)") })
    {
      attempt { try picture(at: sheet, .comparison, "before, after, and what changed", side: Self.sheetSide) }
    }
    let rasters = paths.filter { $0.hasSuffix(".tif") }.compactMap { path -> RasterFile? in
      do { return try RasterFile(path: url(path).path) } catch {
        shown.problems.append("\(error)")
        return nil
      }
    }
    if let (map, legend) = map(among: rasters, of: product) {
      attempt { try picture(of: map, legend, caption: isChange ? "what changed" : "the map") }
      shown.legend = legend.entries.map { .init(name: $0.name, color: $0.color.description) }
      shown.scale = scale(of: map.grid)
    }
    if let confidence = rasters.first(where: Self.isPercentage) {
      attempt { try picture(ofConfidence: confidence, &shown.confidence) }
    }
    return shown
  }

  private func url(_ path: String) -> URL { output.appendingPathComponent(path) }

  /// Returns the raster of the classes whose areas are told, or of the first legend that there is.
  private func map(among rasters: [RasterFile], of product: ReportedProduct) -> (RasterFile, Legend)? {
    let classes = rasters.compactMap { file in file.legend.map { (file, $0) } }
    let names = Set(product.areas.map(\.name))
    return classes.first { !names.isEmpty && names.isSubset(of: $0.1.entries.map(\.name)) } ?? classes.first
  }

  private static func isPercentage(_ file: RasterFile) -> Bool {
    file.bands.count == 1 && file.bands[0].unit == "percent" && file.bands[0].dataType == "Byte"
  }

  // MARK: - One picture

  private func picture(
    at path: String, _ kind: ProductPictures.Picture.Kind, _ caption: String, side: Int
  ) throws -> ProductPictures.Picture {
    let picture = try Preview(picture: url(path).path, side: side)
    return .init(
      kind, DataURI(.jpeg, try picture.jpeg(quality: quality)), width: picture.width, height: picture.height,
      caption: caption)
  }

  private func picture(
    of file: RasterFile, _ legend: Legend, caption: String
  ) throws -> ProductPictures.Picture {
    let picture = try PalettePicture(classes: file, legend: legend, side: side)
    return .init(
      .map, DataURI(.png, try picture.png()), width: picture.width, height: picture.height, caption: caption)
  }

  /// Draws a confidence where there is room for it, and in any case gives its mean.
  private func picture(
    ofConfidence file: RasterFile, _ mean: inout Double?
  ) throws -> ProductPictures.Picture? {
    let picture = try PalettePicture(file, side: side, colors: ColorRamp.percentagePalette)
    let known = picture.values.filter { $0 <= 100 }
    if !known.isEmpty { mean = Double(known.reduce(0) { $0 + Int($1) }) / Double(known.count) / 100 }
    guard detail == .full else { return nil }
    return .init(
      .confidence, DataURI(.png, try picture.png()), width: picture.width, height: picture.height,
      caption: "confidence, from dark (0 %) to light (100 %)")
  }

  private func scale(of grid: Grid) -> (share: Double, words: String)? {
    let (width, _) = Preview.size(of: grid, side: side)
    // A tiny raster is shown as large as any other: its scale bar is found as if it were.
    let shown = max(width, side)
    let metres = grid.pixelAreaInSquareMetres.map { $0.squareRoot() * Double(grid.width) / Double(shown) }
    return ScaleBar(across: shown, metres: metres).map { (Double($0.pixels) / Double(shown), $0.text) }
  }
}
