import Foundation
import Products
import Rasters
import Scenes
import Settings
import Testing

@Suite("Temporary timing")
struct TemporaryTimingTests {
  @Test("json")
  func json() throws {
    guard let path = ProcessInfo.processInfo.environment["TERRANE_JSON"] else { return }
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    for _ in 1...2 {
      var began = ContinuousClock.now
      let one = try JSONValue(parsing: data)
      print("own parser \((ContinuousClock.now - began) / .seconds(1))")
      began = ContinuousClock.now
      let two = try JSONDecoder().decode(JSONValue.self, from: data)
      print("JSONDecoder \((ContinuousClock.now - began) / .seconds(1)) \(one == two)")
    }
  }

  @Test("time")
  func time() throws {
    for path in (ProcessInfo.processInfo.environment["TERRANE_BIG"] ?? "").split(separator: ":").map(
      String.init)
    {
      GDALLibrary.start(threads: 2)
      for _ in 1...2 {
        let began = ContinuousClock.now
        let scene = try Scene(
          SceneSource(path: path), sensor: .sentinel2L2A,
          bands: path.contains("one") ? ["B04"] : ["B04", "B03", "B02"],
          bandOrder: path.hasSuffix("jp2") ? ["B02", "B03", "B04"] : nil)
        let picture = try ScenePicture(of: scene)
        let read = (ContinuousClock.now - began) / .seconds(1)
        try picture.picture.write(to: "/tmp/report/big.png")
        print(
          "\(path): read \(read) s, all \((ContinuousClock.now - began) / .seconds(1)) s, \(picture.words)")
      }
    }
  }
}
