import Foundation

/// The sensors that the name of a scene speaks of: `S2A`, `Sentinel-2B L1C`, `LC08`, `landsat-7`.
struct SensorHints {
  /// The names of the sensors; empty where the name says nothing.
  let sensors: [String]
  /// What bears the name that speaks of them, as a remark calls it; nil where none does.
  let bearer: String?

  /// Words in capitals without what is neither letter nor digit, and the sensors that each speaks of. Of
  /// several words the sensors count that all of them speak of, as far as there are any.
  private static let known: [(word: String, sensors: [Sensor])] = {
    let sentinel2: [Sensor] = [.sentinel2L2A, .sentinel2L1C]
    let landsat8: [Sensor] = [.landsat8L2, .landsat8TOA, .landsat8L1]
    let landsat7: [Sensor] = [.landsat7L2, .landsat7, .landsat7TOA]
    let landsat5: [Sensor] = [.landsat5L2, .landsat5, .landsat5TOA]
    let radar: [Sensor] = [.sentinel1GRD, .sentinel1RTC]
    let harmonized: [Sensor] = [.harmonizedS30, .harmonizedL30]
    return [
      ("L2A", [.sentinel2L2A]), ("MSIL2A", [.sentinel2L2A]), ("L1C", [.sentinel2L1C]),
      ("MSIL1C", [.sentinel2L1C]),
      ("S2", sentinel2), ("S2A", sentinel2), ("S2B", sentinel2), ("S2C", sentinel2), ("SEN2", sentinel2),
      ("SENTINEL2", sentinel2), ("SENTINEL2A", sentinel2), ("SENTINEL2B", sentinel2),
      ("SENTINEL2C", sentinel2),
      ("L8", landsat8), ("L9", landsat8), ("LC08", landsat8), ("LC09", landsat8), ("LC8", landsat8),
      ("LANDSAT8", landsat8), ("LANDSAT9", landsat8), ("OLI", landsat8),
      ("L7", landsat7), ("LE07", landsat7), ("LE7", landsat7), ("LANDSAT7", landsat7), ("ETM", landsat7),
      ("L5", landsat5), ("LT05", landsat5), ("LT04", landsat5), ("LT5", landsat5), ("LT4", landsat5),
      ("LANDSAT5", landsat5), ("LANDSAT4", landsat5),
      ("S1", radar), ("S1A", radar), ("S1B", radar), ("S1C", radar), ("SEN1", radar), ("SENTINEL1", radar),
      ("GRD", [.sentinel1GRD]), ("RTC", [.sentinel1RTC]),
      ("HLS", harmonized), ("S30", [.harmonizedS30]), ("L30", [.harmonizedL30]),
      ("NAIP", [.aerialRGBN, .aerialRGB]), ("PLANETSCOPE", [.planetScope8, .planetScope4]),
      ("PSSCENE", [.planetScope8, .planetScope4]),
    ]
  }()

  /// Reads the names of a scene's file and of the directory that it lies in.
  init(_ scene: SceneSource) {
    let url = URL(fileURLWithPath: scene.path).standardizedFileURL
    let inside =
      scene.files.count > 1 ? scene.files.first.map { URL(fileURLWithPath: $0).lastPathComponent } : nil
    let names = [
      (url.lastPathComponent, "its own name"), (inside, "the name of its first file"),
      (url.deletingLastPathComponent().lastPathComponent, "the name of its directory"),
    ]
    for case (let name?, let bearer) in names {
      let found = Self.known.filter { Self.tokens(of: name).contains($0.word) }
      guard let first = found.first else { continue }
      var sensors = Set(first.sensors.map(\.name))
      for other in found.dropFirst() {
        let both = sensors.intersection(other.sensors.map(\.name))
        if !both.isEmpty { sensors = both }
      }
      (self.sensors, self.bearer) = (Array(sensors), bearer)
      return
    }
    (sensors, bearer) = ([], nil)
  }

  /// Returns the words of a name, two that stand side by side also as one: `Sentinel-2` is `SENTINEL2`; and
  /// the beginnings of words that go on with digits, as `LE7` of `LE70220491999322EDC01`.
  private static func tokens(of name: String) -> Set<String> {
    let words = name.uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    var tokens = Set(words)
    for (one, next) in zip(words, words.dropFirst()) { tokens.insert(one + next) }
    for word in words where word.count >= 16 { tokens.insert(String(word.prefix(3))) }
    return tokens
  }
}
