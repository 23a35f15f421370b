import CGDAL
import Foundation
import Synchronization

/// The process-wide GDAL: started once, with only the drivers and settings that unattended work needs.
///
/// Files come from strangers and jobs from cron, so nothing of the environment reaches GDAL, no side-car file
/// is followed, no network is used and only a short list of formats is opened.
///
/// Sentinel-2 and Sentinel-1 product folders are read through the rasters inside them. GDAL's own SENTINEL2
/// and SAFE drivers are left out: they offer pixels as subdatasets, whose names are no paths, through VRTs of
/// their own.
public enum GDALLibrary {
  /// The formats that are opened or written, by GDAL's short name.
  public static let rasterDrivers = ["GTiff", "COG", "JP2OpenJPEG", "PNG", "JPEG"]

  private struct State {
    package var started = false
    package var allowsVRT = false
    package var threads = 1
    var blockCache = BlockCacheDemand()
  }
  private static let state = Mutex(State())

  /// Prepares GDAL; safe to call from any thread, any number of times. Every opener of this module calls it.
  ///
  /// - Parameter allowVRT: whether VRT files may be opened from now on. A VRT can point at any other file, so
  ///   only the user may ask for it; it cannot be taken back within a process.
  /// - Parameter threads: how many compress at once; stays as it was where nil.
  public static func start(allowVRT: Bool = false, threads: Int? = nil) {
    state.withLock { state in
      if let threads { state.threads = threads }
      if !state.started {
        do throws(RasterError) { try load() } catch { preconditionFailure("\(error)") }
        let inherited = LibraryData.inherited
        clearInheritedSettings()
        applySettings()
        LibraryData.find(inherited)
        registerDrivers()
        WatchedFiles.install()
        CPLSetErrorHandler { _, _, _ in }
        state.started = true
      }
      if allowVRT, !state.allowsVRT {
        GDALRegister_VRT()
        state.allowsVRT = true
      }
    }
  }

  /// The raster drivers that may open a file now. Passed with every open, so that a driver which some other
  /// one registered behind our back stays shut.
  static var allowedRasterDrivers: [String] { allowsVRT ? rasterDrivers + ["VRT"] : rasterDrivers }

  /// The number of threads that compress at once.
  static var threads: Int { state.withLock { $0.threads } }

  /// Whether VRT files are opened.
  static var allowsVRT: Bool { state.withLock { $0.allowsVRT } }

  /// The versions that results depend on: "GDAL 3.6.2, PROJ 9.1.1".
  public static var versionDescription: String {
    start()
    var major: Int32 = 0
    var minor: Int32 = 0
    var patch: Int32 = 0
    OSRGetPROJVersion(&major, &minor, &patch)
    let gdal = GDALVersionInfo("RELEASE_NAME").map { String(cString: $0) } ?? "unknown"
    return "GDAL \(gdal), PROJ \(major).\(minor).\(patch)"
  }

  /// Loads the library, whose functions are bound at their first call: it takes 70 ms that a command without
  /// rasters has no use for. Safe to call any number of times.
  ///
  /// - Throws: `noLibrary` where it is not installed, or another release than terrane was built with.
  public static func load() throws(RasterError) {
    let attempted = "load GDAL \(GDAL_VERSION_MAJOR).\(GDAL_VERSION_MINOR)"
    guard getenv("LD_BIND_NOW").map({ $0.pointee == 0 }) ?? true else {
      throw RasterError(
        .noLibrary, attempted,
        cause: "LD_BIND_NOW is set, but its functions can be bound only once it is loaded; unset it")
    }
    var reasons: [String] = []
    guard
      let name = names.first(where: { name in
        if dlopen(name, RTLD_LAZY | RTLD_GLOBAL) != nil { return true }
        reasons.append(dlerror().map { String(cString: $0) } ?? "\(name) is not there")
        return false
      })
    else {
      throw RasterError(
        .noLibrary, attempted,
        cause: "\(reasons[0]) (on Debian and Ubuntu 'apt-get install libgdal\(soVersion)' installs it)")
    }
    guard GDALCheckVersion(GDAL_VERSION_MAJOR, GDAL_VERSION_MINOR, nil) != 0 else {
      throw RasterError(
        .noLibrary, attempted, path: name, cause: "it is another release; build terrane again on this machine"
      )
    }
  }

  /// The directories in which the loaded library, those that it needs data for, and their data lie.
  public static var places: [String] {
    let environment = ProcessInfo.processInfo.environment
    // The kernel tells what is loaded; the loader's own answer (dladdr) is a GNU extension.
    return places(of: LoadedFiles.lines, inherited: environment)
  }

  /// Returns the directories of libraries among loaded files, and of their data.
  ///
  /// Each may have a prefix of its own, as on clusters.
  package static func places(of loaded: [Substring], inherited environment: [String: String]) -> [String] {
    let libraries = ["/libgdal.so", "/libproj.so", "/libgeotiff.so"]
    let folders = Set(
      loaded.filter { line in libraries.contains { line.contains($0) } }.map { line in
        URL(fileURLWithPath: String(line.drop { $0 != "/" })).deletingLastPathComponent()
      })
    return folders.sorted { $0.path < $1.path }.flatMap { folder in
      [folder.path, folder.deletingLastPathComponent().appendingPathComponent("share").path]
    } + LibraryData.Paths(environment).all
  }

  /// The number in the library's name, which counts the releases: 32 for 3.6.
  private static let soVersion = 26 + GDAL_VERSION_MINOR

  /// The library's file: that of the release that terrane was built with, by the name that programs are
  /// linked with; where it has none of that name, the one for those who build.
  package static let names = ["libgdal.so.\(soVersion)", "libgdal.so"]

  /// An inherited `GDAL_DRIVER_PATH` or `CPL_DEBUG` would change what a scheduled run does, so none is kept.
  private static func clearInheritedSettings() {
    let prefixes = ["GDAL_", "CPL_", "OGR_", "PROJ_", "VSI_", "GTIFF_", "TIFF_", "OSR_", "VRT_"]
    for name in ProcessInfo.processInfo.environment.keys
    where prefixes.contains(where: { name.hasPrefix($0) }) {
      unsetenv(name)
    }
  }

  private static func applySettings() {
    let settings = [
      "GDAL_PAM_ENABLED": "NO",
      "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
      "GDAL_DRIVER_PATH": "disable",
      "GDAL_NUM_THREADS": "1",
      "PROJ_NETWORK": "OFF",
      "CPL_VSIL_CURL_ALLOWED_FILENAME": "/none",
      "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
      "GDAL_HTTP_MAX_RETRY": "0",
      // Megabytes that one feature of a GeoJSON may take.
      "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
    ]
    for (name, value) in settings { CPLSetConfigOption(name, value) }
    OSRSetPROJEnableNetwork(0)
    // Some readers fetch by themselves: GeoJSON the system that a link names, SQL functions addresses of
    // places.
    CPLHTTPSetFetchCallback({ _, _, _, _, _, _, _ in nil }, nil)
    GDALSetCacheMax64(Int64(BlockCacheDemand.standard))
  }

  /// Bytes of decoded blocks that GDAL keeps where nothing asks for more.
  public static let leastBlockCache = BlockCacheDemand.standard

  /// Lets GDAL keep `bytes` of decoded blocks, of all files together, whatever open scenes ask for; as much
  /// as these do where nil.
  public static func planBlockCache(_ bytes: Int?) { changeBlockCache { $0.planned = bytes } }

  /// Changes what is asked of GDAL's cache of decoded blocks.
  static func changeBlockCache(_ change: (inout BlockCacheDemand) -> Void) {
    start()
    state.withLock { state in
      change(&state.blockCache)
      GDALSetCacheMax64(Int64(state.blockCache.bytes))
    }
  }

  private static func registerDrivers() {
    GDALRegister_GTiff()
    GDALRegister_COG()
    GDALRegister_JP2OpenJPEG()
    GDALRegister_PNG()
    GDALRegister_JPEG()
    GDALRegister_MEM()
    RegisterOGRGeoPackage()
    RegisterOGRGeoJSON()
    RegisterOGRShape()
  }
}
