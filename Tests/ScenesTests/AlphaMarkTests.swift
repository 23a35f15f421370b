import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Infrared in a band that the file calls alpha, and alpha.
@Suite("Bands marked as alpha")
struct AlphaMarkTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  /// A picture whose last band is marked; it is 0 in the first pixel. Band n holds 10 n.
  private func image(bands: Int, descriptions: [String] = []) throws -> String {
    let planes = (1...bands).map { [$0 == bands ? 0 : Double(10 * $0), Double(10 * $0), Double(10 * $0)] }
    return try scratch.image(
      "a.tif", bands: planes, width: 3,
      creation: bands == 4 ? ["PHOTOMETRIC=RGB", "ALPHA=YES"] : ["PHOTOMETRIC=MINISBLACK"]
    ) { dataset in
      GDALSetRasterColorInterpretation(rasterBand(dataset, Int32(bands)), GCI_AlphaBand)
      for (index, text) in descriptions.enumerated() {
        GDALSetDescription(GDALMajorObjectH(rasterBand(dataset, Int32(index + 1)).rawValue), text)
      }
    }
  }

  private func block(_ path: String, _ bands: [String], order: [String]?) throws -> PixelBlock {
    let scene = try Scene(
      SceneSource(path: path), sensor: .custom(bands: bands), bands: bands, bandOrder: order)
    return try scene.read(scene.grid.bounds)
  }

  @Test(
    "a band order that names all bands of the file makes the marked one a measurement", arguments: [2, 4, 5])
  func order(count: Int) throws {
    let path = try image(bands: count)
    #expect(try RasterFile(path: path).bands.last?.isAlpha == true)
    let names = (1...count).map { "band\($0)" }
    let all = try block(path, names, order: names)
    #expect(all.valid == [true, true, true])
    #expect(Array(all.values.suffix(3)) == [0, Float(10 * count), Float(10 * count)])
    // Nor does it hide anything of the others.
    #expect(try block(path, Array(names.dropLast()), order: names).valid == [true, true, true])
  }

  @Test("a band order of the others leaves it opacity", arguments: [2, 4, 5])
  func opacity(count: Int) throws {
    let path = try image(bands: count)
    let names = (1..<count).map { "band\($0)" }
    #expect(try block(path, names, order: names).valid == [false, true, true])
    #expect(try block(path, names, order: nil).valid == [false, true, true])
  }

  @Test("a marked band with the description of another stays opacity")
  func copied() throws {
    let path = try image(bands: 4, descriptions: ["red", "green", "blue", "blue"])
    let scene = try Scene(
      SceneSource(path: path), sensor: .sentinel2L2A, bands: ["red", "green", "blue"])
    #expect(try scene.read(scene.grid.bounds).valid == [false, true, true])
  }

  @Test("a marked band that is named for a band is a measurement", arguments: ["nir", "NIR (842 nm)", "B08"])
  func described(text: String) throws {
    let path = try image(bands: 4, descriptions: ["red", "green", "blue", text])
    let scene = try Scene(
      SceneSource(path: path), sensor: .sentinel2L2A, bands: ["red", "green", "blue", "B08"])
    let block = try scene.read(scene.grid.bounds)
    #expect(block.valid == [true, true, true])
    let opaque = try image(bands: 4, descriptions: ["red", "green", "blue", "alpha"])
    let three = try Scene(SceneSource(path: opaque), sensor: .sentinel2L2A, bands: ["red", "green", "blue"])
    #expect(try three.read(three.grid.bounds).valid == [false, true, true])
  }

  @Test(
    "where the bands do not fit the message says which is marked",
    arguments: [nil, ["a", "b"]] as [[String]?])
  func message(order: [String]?) throws {
    let path = try image(bands: 4)
    let error = #expect(throws: RasterError.self) { try block(path, ["a", "b", "c", "d"], order: order) }
    #expect(error?.description.contains("band 4 is marked as alpha") == true)
    #expect(try RasterReport(path: path).description.contains("4 bands (band 4 marked as alpha)"))
  }
}
