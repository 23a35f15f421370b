import CGDAL
import Foundation
import Rasters
import Testing

@Suite("GDAL's library is found by the name that programs are linked with")
struct GDALLibraryTests {
  @Test("The first of the names is that of the library which is loaded, and its own name")
  func name() throws {
    try GDALLibrary.load()
    let name = try #require(GDALLibrary.names.first)
    let loaded = dlopen(name, RTLD_LAZY | RTLD_NOLOAD)
    #expect(loaded != nil, "\(name) is not what was loaded: \(GDALLibrary.names)")
    #expect(LoadedFiles.lines.contains { $0.contains("/\(name)") }, "\(name)")
    #expect(GDALLibrary.places.contains { $0.hasSuffix("/share") })
  }

  @Test("Systems are found without what the environment says")
  func systems() {
    GDALLibrary.start()
    let system = OSRNewSpatialReference(nil)
    defer { OSRRelease(system) }
    #expect(OSRImportFromEPSG(system, 32633) == OGRERR_NONE)
  }
}
