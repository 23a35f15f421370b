import Foundation
import Rasters

/// The names that the bands of a scene bear in its files, as far as they have any.
struct SceneBandNames {
  /// The names, one a band, in the order of the file or of the files.
  let names: [String?]
  /// Whether all bands lie in one file.
  let isOneFile: Bool
  /// The measured bands, in the same order.
  let bands: [RasterBand]

  /// The names where every band has one and no two are alike.
  var whole: [String]? {
    let all = names.compactMap(\.self)
    let distinct = Set(all.map(Sensor.normalised))
    return all.count == names.count && distinct.count == all.count && !distinct.contains("") ? all : nil
  }

  /// Reads the headers of a scene's files.
  ///
  /// - Throws: what opening them throws.
  init(_ scene: SceneSource) throws(RasterError) {
    isOneFile = scene.files.count == 1
    guard !isOneFile else {
      let file = try scene.raster(at: scene.files[0])
      // A text on a file of one band is often that of the file.
      bands = file.bands.count == file.measuredBands.count ? file.bands : file.measuredBands
      names = bands.map { $0.description?.trimmed }
      return
    }
    bands = try scene.files.map { path throws(RasterError) in try scene.raster(at: path).bands[0] }
    names = Self.distinctWords(
      of: scene.files.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent })
  }

  /// Returns of each name the last word that no other one has; nil where it has none.
  static func distinctWords(of names: [String]) -> [String?] {
    let words = names.map { $0.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
    var counts: [String: Int] = [:]
    for word in words.flatMap({ Set($0) }) { counts[word, default: 0] += 1 }
    return words.map { own in own.last { counts[$0] == 1 } }
  }
}
