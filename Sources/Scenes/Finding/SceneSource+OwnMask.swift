import Archives
import Foundation
import Rasters

extension SceneSource {
  /// Returns the user's mask beside the scene, named as it with a suffix before the extension; of one of
  /// several scenes at a place named as that scene.
  ///
  /// - Throws: `notFound` naming the file that was looked for.
  public func ownMask(suffix: String) throws(RasterError) -> String {
    let place = URL(fileURLWithPath: path)
    let stem: String
    var directory = place.deletingLastPathComponent().path
    if isPart {
      stem = fileName
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
        directory = place.path
      }
    } else {
      let name = place.lastPathComponent
      stem = ArchiveFormat.stem(of: name) ?? place.deletingPathExtension().lastPathComponent
    }
    let names = InputPath.rasterExtensions.map { "\(directory)/\(stem)\(suffix).\($0)" }
    guard let found = names.first(where: FileManager.default.fileExists) else {
      throw RasterError(
        .notFound, "find the scene's mask", path: "\(directory)/\(stem)\(suffix).tif",
        cause: "no such file ('mask.suffix' is '\(suffix)')")
    }
    return found
  }

  /// Returns whether the file is not a scene but the user's mask of one, by its name.
  package func isMask(by masking: Masking) -> Bool {
    guard case .suffix(let suffix, _) = masking.origin else { return false }
    return (fileName.lastIndex(of: ".").map { fileName[..<$0] } ?? fileName[...]).hasSuffix(suffix)
  }
}
