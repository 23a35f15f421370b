import CPUKernels
import Foundation
import Host
import Numerics
import Pipelines
import Rasters
import Runs
import Scenes
import Tensors

/// Where the command meets the modules: which stages there are, how scenes are found, what the libraries are.
enum Composition {
  /// The version of terrane.
  static let version = "0.1.0"

  /// The stages that a pipeline file can name.
  static let stages = StageRegistry.standard

  /// What `terrane inspect` can look into, asked in this order.
  static let inspections: [any FileInspection] = [
    WeightsInspection(), VectorInspection(), RasterInspection(),
  ]

  /// What `--version` says, the version alone in the first line: loads GDAL, to ask it.
  static var description: String {
    let rasters: String
    do {
      try GDALLibrary.load()
      rasters = GDALLibrary.versionDescription
    } catch {
      rasters = Ending.failure(error).reason
    }
    return """
      \(version)
      kernels: \(KernelSet.standard.name)
      instructions: \(InstructionSet.name)
      rasters: \(rasters)
      threads: \(ProcessorShare.count)
      """
  }

  /// Versions that are kept with everything that is made: another library may compute other bytes.
  static func versions() -> [String: String] {
    ["terrane": version, "kernels": KernelSet.standard.name, "rasters": GDALLibrary.versionDescription]
  }

  /// Readies the libraries; called once, before any input is opened.
  ///
  /// - Parameter threads: how many threads compute; where nil, as many as the process may keep busy.
  static func prepare(allowVRT: Bool = false, threads: Int? = nil) throws {
    let threads = threads ?? ProcessorShare.count
    try InstructionSet.check()
    try GDALLibrary.load()
    try AddressSpace.check()
    GDALLibrary.start(allowVRT: allowVRT, threads: threads)
    ComputeThreads.count = threads
  }

  /// The scenes at a path: those of a directory, or the one that it is. What discovery refuses becomes a scene that fails.
  static func scenes(at url: URL, for file: PipelineFile) throws -> [SceneInput] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory), isDirectory.boolValue,
      !file.isScene(url)
    else {
      return [try scene(at: url)]
    }
    let found = try SceneSource.survey(url.path)
    let refused = found.refused.map { error in
      // What is at fault may lie deeper; the entry of the directory is what would have been the scene.
      let entry = error.path?.dropFirst(url.path.count + 1).split(separator: "/").first.map(String.init)
      let path = URL(fileURLWithPath: url.path + "/" + (entry ?? ""))
      return SceneInput(
        name: path.deletingPathExtension().lastPathComponent, path: path, files: [], refusal: classify(error))
    }
    return found.scenes.map { source in
      do { return try input(source) } catch {
        let path = URL(fileURLWithPath: source.path)
        return SceneInput(name: source.name, path: path, files: [], refusal: classify(error))
      }
    } + refused
  }

  /// The one scene that a path is.
  static func scene(at url: URL) throws -> SceneInput { try input(SceneSource(path: url.path)) }

  /// What a scene is paired by; without pixels where it cannot be read.
  static func facts(about scene: SceneInput) -> SceneFacts {
    guard let found = try? SceneSource(path: scene.path.path) else {
      return SceneFacts(name: scene.name, grid: nil)
    }
    let source = SceneSource(name: scene.name, path: found.path, files: found.files)
    let file = found.files.first.flatMap { try? RasterFile(path: $0) }
    return SceneFacts(Acquisition(of: source, metadata: file?.metadata ?? [:]), grid: file?.grid)
  }

  private static func input(_ source: SceneSource) throws -> SceneInput {
    try SceneInput(
      name: source.name, path: URL(fileURLWithPath: source.path),
      files: (source.files + source.companions).map { URL(fileURLWithPath: $0) })
  }

  /// What an error of a module means for the run; errors that are `ExitCoded` do not come here.
  static func classify(_ error: any Error) -> TaskFailure { FailureMapping.failure(error) }
}
