import Foundation
import Products
import Rasters
import Reports
import Runs
import Testing

@Suite("Temporary pieces")
struct TemporaryPiecesTests {
  @Test("pieces")
  func pieces() throws {
    guard let place = ProcessInfo.processInfo.environment["TERRANE_PRODUCT"] else { return }
    func cpu() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
    func time(_ name: String, _ body: () throws -> Void) rethrows {
      let began = cpu()
      for _ in 0..<20 { try body() }
      print("\(name): \((cpu() - began) / 20 * 1000) ms CPU")
    }
    GDALLibrary.start()
    let (map, confidence, scene) = (place + "/landcover.tif", place + "/confidence.tif", place + "/scene.png")
    _ = try RasterFile(path: map)
    try time("open map") { _ = try RasterFile(path: map) }
    try time("open scene") { _ = try RasterFile(path: scene) }
    let file = try RasterFile(path: map)
    try time("legend") { _ = file.legend }
    try time("palette read") { _ = try PalettePicture(classes: file, legend: file.legend!, side: 192) }
    let palette = try PalettePicture(classes: file, legend: file.legend!, side: 192)
    try time("palette png") { _ = try palette.png() }
    let percent = try RasterFile(path: confidence)
    try time("confidence read") {
      _ = try PalettePicture(percent, side: 192, colors: ColorRamp.percentagePalette)
    }
    try time("scene read") { _ = try Preview(picture: scene, side: 192) }
    let preview = try Preview(picture: scene, side: 192)
    try time("scene jpeg") { _ = try preview.jpeg(quality: 70) }
    time("area") { _ = file.grid.pixelAreaInSquareMetres }
    let run = SampleRun.finished(done: (0..<500).map { "s\($0)" })
    let products = ReportedProduct.all(of: run, below: URL(fileURLWithPath: "/nowhere"))
    time("list") { _ = ReportedProduct.all(of: run, below: URL(fileURLWithPath: "/nowhere")) }
    time("page without pictures") { _ = RunPage(run, products: products).page.text }
  }
}
