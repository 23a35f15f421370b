import Foundation
import Pipelines

/// Where the command meets the modules: which stages there are, how scenes are found, what the libraries are.
enum Composition {
  /// The version of terrane; part of every key.
  static let version = "0.1.0"

  /// The stages that a pipeline file can name.
  static let stages = StageRegistry([])

  /// What `terrane inspect` can look into, asked in this order.
  static let inspections: [any FileInspection] = []

  /// Versions that are part of every key: another library may compute other bytes.
  static func versions() -> [String: String] {
    ["terrane": version]
  }

  /// Readies the libraries; called once, before any input is opened.
  static func prepare() {}

  /// The scenes at a path: each raster file and each directory of raster files in it, or the one that it is.
  static func scenes(at url: URL) throws -> [SceneInput] {
    guard isDirectory(url) else { return [try scene(at: url)] }
    let entries = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
    return
      entries
      .filter { !$0.lastPathComponent.hasPrefix(".") && !rasters(of: $0).isEmpty }
      .sorted { $0.path < $1.path }
      .map { SceneInput(name: name(of: $0), path: $0, files: rasters(of: $0)) }
  }

  /// The one scene that a path is.
  static func scene(at url: URL) throws -> SceneInput {
    let files = rasters(of: url)
    guard !files.isEmpty else { throw TaskFailure("\(url.path): no scene", exitCode: .noInput) }
    return SceneInput(name: name(of: url), path: url, files: files)
  }

  /// What an error of a module means for the run; errors that are `ExitCoded` do not come here.
  static func classify(_ error: any Error) -> TaskFailure {
    TaskFailure(classifying: error)
  }

  private static let extensions: Set<String> = ["tif", "tiff", "gtif", "jp2", "png"]

  private static func rasters(of url: URL) -> [URL] {
    let candidates =
      isDirectory(url)
      ? (try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)) ?? [] : [url]
    return candidates.filter { extensions.contains($0.pathExtension.lowercased()) }.sorted {
      $0.path < $1.path
    }
  }

  private static func name(of url: URL) -> String {
    isDirectory(url) ? url.lastPathComponent : url.deletingPathExtension().lastPathComponent
  }

  private static func isDirectory(_ url: URL) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }
}
