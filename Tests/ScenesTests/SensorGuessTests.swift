import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("The sensor that a scene is guessed to be of")
struct SensorGuessTests {
  /// A scene of bands with names, whose numbers are those of land for every rule that a sensor may have.
  private func guess(_ path: String, bands: [String], value: Double, in scratch: Scratch) throws
    -> SensorGuess
  {
    if let slash = path.lastIndex(of: "/") { _ = try scratch.directory(String(path[..<slash])) }
    let values = (0..<64).map { value + 20 * Double($0) }
    let file = try scratch.image(
      path, type: GDT_UInt16, bands: bands.map { _ in values }, width: 8, grid: utmGrid(8, 8)
    ) { dataset in
      for (index, name) in bands.enumerated() {
        GDALSetDescription(GDALMajorObjectH(rasterBand(dataset, Int32(index + 1)).rawValue), name)
      }
    }
    return try SensorGuess(SceneSource(path: file))
  }

  @Test("Where a name speaks of sensors whose numbers differ, none of them is taken, and all are named")
  func differingNumbers() throws {
    let scratch = Scratch()
    let guess = try guess(
      "LC08_stack.tif", bands: ["B2", "B3", "B4", "B5", "B6", "B7"], value: 9000, in: scratch)
    let text = guess.remarks.joined(separator: "\n")
    #expect(guess.sensor.name == Sensor.customName, "\(text)")
    #expect(
      text.contains("'landsat-8-oli-c2-l2'") && text.contains("'landsat-8-oli'")
        && text.contains("whose numbers differ") && !text.contains("has the same numbers"), "\(text)")
  }

  @Test(
    "What a remark calls the ground of a guess bears the name that speaks of it",
    arguments: [
      ("S2A_stack.tif", "by the names of its bands and its own name; "),
      ("sentinel-2/stack.tif", "by the names of its bands and the name of its directory; "),
      ("some/stack.tif", "by the names of its bands; "),
    ])
  func hints(path: String, words: String) throws {
    let scratch = Scratch()
    let guess = try guess(path, bands: ["B02", "B03", "B04", "B08", "B11", "B12"], value: 900, in: scratch)
    #expect(guess.sensor.name == "sentinel-2-l2a")
    #expect(guess.remarks[0].contains(words), "\(guess.remarks)")
    #expect(guess.remarks.contains { $0.contains("sentinel-2-l1c as well, which has the same numbers") })
  }
}
