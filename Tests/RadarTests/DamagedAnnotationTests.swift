import Foundation
import Radar
import Rasters
import TestRasters
import Testing

@Suite("Damaged annotations of radar images")
struct DamagedAnnotationTests {
  let scratch = Scratch()

  /// Cuts out, repeats or overwrites a piece of a text, or puts another number in the place of one.
  private func damaged(_ text: String, _ random: inout SeededNumbers) -> Data {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
      default:
        guard let digit = bytes[place...].firstIndex(where: { (48...57).contains($0) }) else { continue }
        let last = bytes[digit...].firstIndex { !(48...57).contains($0) } ?? bytes.count
        let numbers = ["0", "-1", "1e300", "nan", "99999999999999999999", "-0.5", "inf", "320", "1"]
        bytes.replaceSubrange(digit..<last, with: Array(numbers.randomElement(using: &random)!.utf8))
      }
    }
    return Data(bytes)
  }

  /// Makes a small map of the product.
  private func correct(_ product: DrawnRadarProduct) throws {
    let ground = GroundHeights(try ElevationModel(product.heights))
    var options = RadarCorrection.Options(method: .terrain(ground))
    options.resolution = 60
    let correction = try RadarCorrection(
      GroundRangeFolder(product.folder), polarisations: ["VV"], options: options)
    guard correction.windows.count < 10 else { return }
    _ = try correction.notes()
    for window in correction.windows {
      guard let tile = try correction.tile(window) else { continue }
      #expect(tile.bands[0].allSatisfy { $0.isNaN || $0.isFinite })
    }
  }

  @Test("They end in an error of their file or in a map, whatever is damaged", arguments: 0..<40)
  func damage(seed: Int) throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 100)
    let files = try GroundRangeFolder(product.folder).images[1]
    var random = SeededNumbers(seed: seed)
    let file = [files.annotation, files.annotation, files.calibration, files.noise!][seed % 4]
    let whole = try String(contentsOfFile: file, encoding: .utf8)
    for _ in 0..<8 {
      try damaged(whole, &random).write(to: URL(fileURLWithPath: file))
      do { try correct(product) } catch {
        let known = try #require(error as? RasterError, "\(error)")
        #expect(known.path != nil || known.code == .noCRS, "\(known)")
      }
    }
  }
}
