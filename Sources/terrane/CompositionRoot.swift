import CPUKernels
import Foundation
import Host
import Numerics
import Pipelines
import Rasters
import Runs
import Tensors

/// The place where the command meets the modules: which stages there are, what the libraries are.
enum CompositionRoot {
  /// The version of terrane.
  static let version = "0.1.0"

  /// The stages that a pipeline file can name.
  static let stages = StageRegistry.standard

  /// The kinds of files that `terrane inspect` can look into, asked in this order.
  static let inspections: [any FileInspection] = [
    WeightsInspection(), VectorInspection(), SceneInspection(), RasterInspection(),
  ]

  /// The text of `--version`, with the version alone in the first line: loads GDAL, to ask it.
  static var description: String {
    let rasters: String
    do {
      try GDALLibrary.load()
      rasters = GDALLibrary.versionDescription
    } catch {
      rasters = RunFailure(of: error, otherwise: classify).reason
    }
    return """
      \(version)
      kernels: \(KernelSet.standard.name)
      instructions: \(InstructionSet.name)
      rasters: \(rasters)
      threads: \(ProcessorShare.count)
      confined by: \(Confinement.version.map { "Landlock \($0)" } ?? "nothing, this kernel has no Landlock 2")
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

  /// Turns an error of a module into the failure of a job; errors that are `ExitCoded` do not come here.
  static func classify(_ error: any Error) -> RunFailure { FailureMapping.failure(error) }
}
