import CGDAL
import Foundation

/// The files that GDAL and PROJ bring along: tables of coordinate systems, grids.
///
/// A library finds those that it was installed with. Where it was moved since (a conda environment, a folder
/// of modules on a cluster) only the environment says where they are, and only then it is heard: a path that
/// another installation has left there would mix two releases.
enum LibraryData {
  /// The paths that the environment names.
  struct Paths {
    let gdal: String?
    /// Those of PROJ, which may be several.
    let proj: [String]

    init(_ environment: [String: String]) {
      gdal = environment["GDAL_DATA"]
      proj =
        (environment["PROJ_DATA"] ?? environment["PROJ_LIB"])?.split(separator: ":").map(String.init) ?? []
    }

    /// The paths of both libraries.
    var all: [String] { (gdal.map { [$0] } ?? []) + proj }
  }

  /// What the environment names now; it is cleared after that.
  static var inherited: Paths { Paths(ProcessInfo.processInfo.environment) }

  /// Tells the libraries of inherited paths where they have found nothing by themselves.
  static func find(_ inherited: Paths) {
    if !inherited.proj.isEmpty, !findsSystems() {
      var paths: [UnsafeMutablePointer<CChar>?] = inherited.proj.map { strdup($0) } + [nil]
      paths.withUnsafeMutableBufferPointer { buffer in
        buffer.withMemoryRebound(to: UnsafePointer<CChar>?.self) { OSRSetPROJSearchPaths($0.baseAddress) }
      }
      for path in paths { free(path) }
    }
    if let gdal = inherited.gdal, CPLFindFile("gdal", "gdalvrt.xsd") == nil {
      CPLSetConfigOption("GDAL_DATA", gdal)
    }
  }

  private static func findsSystems() -> Bool {
    CPLPushErrorHandler { _, _, _ in }
    defer { CPLPopErrorHandler() }
    let system = OSRNewSpatialReference(nil)
    defer { OSRRelease(system) }
    return OSRImportFromEPSG(system, 4326) == OGRERR_NONE
  }
}
