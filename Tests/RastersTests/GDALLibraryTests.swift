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

  @Test("Each library may have a prefix of its own, and PROJ several directories of data")
  func places() {
    let loaded: [Substring] = [
      "7f00-7f01 r-xp 00000000 08:01 1 /apps/gdal-3.6/lib64/libgdal.so.32.3.6.2",
      "7f01-7f02 rw-p 00000000 08:01 1 /apps/gdal-3.6/lib64/libgdal.so.32.3.6.2",
      "7f02-7f03 r-xp 00000000 08:01 2 /apps/proj-9/lib/libproj.so.25", "7f03-7f04 rw-p 00000000 00:00 0",
      "7f04-7f05 r-xp 00000000 08:01 3 /usr/lib/libc.so.6",
    ]
    let places = GDALLibrary.places(
      of: loaded, inherited: ["PROJ_DATA": "/grids:/site/proj", "GDAL_DATA": "/site/gdal"])
    #expect(
      places == [
        "/apps/gdal-3.6/lib64", "/apps/gdal-3.6/share", "/apps/proj-9/lib", "/apps/proj-9/share",
        "/site/gdal", "/grids", "/site/proj",
      ])
  }

  @Test("Systems are found without what the environment says")
  func systems() {
    GDALLibrary.start()
    let system = OSRNewSpatialReference(nil)
    defer { OSRRelease(system) }
    #expect(OSRImportFromEPSG(system, 32633) == OGRERR_NONE)
  }
}
