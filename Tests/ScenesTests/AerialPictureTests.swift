import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Aerial pictures of four bands")
struct AerialPictureTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  /// A picture of two pixels; band n holds 0, then 51 n.
  private func image(
    _ colours: [GDALColorInterp], creation: [String] = ["PHOTOMETRIC=RGB"], descriptions: [String] = []
  ) throws -> SceneSource {
    let path = try scratch.image(
      "m_4008516_ne_16_060_20230614.tif", bands: (1...4).map { [0, Double(51 * $0)] }, width: 2,
      creation: creation
    ) { dataset in
      for (index, colour) in colours.enumerated() {
        GDALSetRasterColorInterpretation(rasterBand(dataset, Int32(index + 1)), colour)
      }
      for (index, text) in descriptions.enumerated() {
        GDALSetDescription(GDALMajorObjectH(rasterBand(dataset, Int32(index + 1)).rawValue), text)
      }
    }
    return try SceneSource(path: path)
  }

  private func values(_ source: SceneSource, _ bands: [String]) throws -> (values: [Float], notes: [String]) {
    let scene = try Scene(source, sensor: .aerialRGBN, bands: bands)
    let block = try scene.read(scene.grid.bounds)
    // Black is a colour.
    #expect(block.valid == [true, true])
    return (bands.indices.map { block.values[2 * $0 + 1] }, scene.notes)
  }

  @Test("The fourth band is near infrared, also where the file calls it alpha: then a note says it")
  func alpha() throws {
    let plain = try values(
      image(
        [GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_Undefined], creation: ["PHOTOMETRIC=RGB", "ALPHA=NO"]),
      ["nir", "red"])
    #expect(zip(plain.values, [0.8, 0.2]).allSatisfy { abs($0 - $1) < 1e-6 } && plain.notes.isEmpty)
    let source = try image([GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_AlphaBand])
    #expect(try RasterFile(path: source.path).bands[3].isAlpha)
    let marked = try values(source, ["red", "nir"])
    #expect(zip(marked.values, [0.2, 0.8]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(
      marked.notes == [
        "m_4008516_ne_16_060_20230614.tif: band 4 is marked as alpha and read as nir: aerial-rgbn has 4 bands"
      ])
    // Of the sensor of three bands it is opacity.
    let three = try Scene(source, sensor: .aerialRGB, bands: ["red"])
    #expect(try three.read(three.grid.bounds).valid == [false, true])
  }

  @Test("An orthophoto is known by its name, and refused under a sensor that measures reflectance")
  func known() throws {
    let source = try image([GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_Undefined])
    #expect(source.product?.sensors == ["aerial-rgbn", "aerial-rgb"])
    let refusal = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .sentinel2L2A, bands: ["B04"])
    }
    #expect(refusal?.description.contains("NAIP, an aerial picture, which 'aerial-rgbn' reads") == true)
    #expect(try SceneReport(source)?.sensor == "aerial-rgbn")
  }

  @Test("Colours tell the bands in whatever order they lie; names win over them")
  func order() throws {
    let colours = [GCI_AlphaBand, GCI_BlueBand, GCI_GreenBand, GCI_RedBand]
    let source = try image(colours, creation: ["PHOTOMETRIC=MINISBLACK"])
    try #require(RasterFile(path: source.path).bands.map(\.colorInterpretation).last == "Red")
    let found = try values(source, ["red", "green", "blue", "nir"]).values
    #expect(zip(found, [0.8, 0.6, 0.4, 0.2]).allSatisfy { abs($0 - $1) < 1e-6 })
    let named = try values(
      image(colours, creation: ["PHOTOMETRIC=MINISBLACK"], descriptions: ["nir", "red", "green", "blue"]),
      ["red", "nir"])
    #expect(zip(named.values, [0.4, 0.2]).allSatisfy { abs($0 - $1) < 1e-6 } && named.notes.isEmpty)
  }
}
