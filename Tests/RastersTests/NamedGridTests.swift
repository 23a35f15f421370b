import Foundation
import Rasters
import TestRasters
import Testing

/// Grids of shifts that a system names: PROJ opens them by their paths.
@Suite("Grids that a system names")
struct NamedGridTests {
  let scratch = Scratch()

  @Test(
    "those among PROJ's own data are taken, there or not",
    arguments: [
      "+proj=longlat +ellps=clrk66 +nadgrids=@conus,@alaska,@null +type=crs",
      "+proj=longlat +ellps=GRS80 +nadgrids=@no_such_grid.gsb +type=crs",
      """
      BOUNDCRS[SOURCECRS[PROJCRS["OSGB36 / British National Grid",BASEGEOGCRS["OSGB36",DATUM["Ordnance Survey of \
      Great Britain 1936",ELLIPSOID["Airy 1830",6377563.396,299.3249646]]],CONVERSION["British National \
      Grid",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",49,ANGLEUNIT["degree",\
      0.0174532925199433]],PARAMETER["Longitude of natural origin",-2,ANGLEUNIT["degree",0.0174532925199433]],\
      PARAMETER["Scale factor at natural origin",0.9996012717,SCALEUNIT["unity",1]],PARAMETER["False \
      easting",400000,LENGTHUNIT["metre",1]],PARAMETER["False northing",-100000,LENGTHUNIT["metre",1]]],\
      CS[Cartesian,2],AXIS["easting",east],AXIS["northing",north],LENGTHUNIT["metre",1]]],TARGETCRS[GEOGCRS["WGS \
      84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563]],CS[ellipsoidal,2],\
      AXIS["latitude",north],AXIS["longitude",east],ANGLEUNIT["degree",0.0174532925199433]]],\
      ABRIDGEDTRANSFORMATION["OSGB36 to WGS 84",METHOD["NTv2"],PARAMETERFILE["Latitude and longitude difference \
      file","uk_os_OSTN15_NTv2_OSGBtoETRS.tif"]]]
      """,
    ])
  func ownData(definition: String) throws { _ = try CRS(definition) }

  @Test("one that lies in the working directory is refused, where PROJ would open it")
  func workingDirectory() throws {
    let directory = FileManager.default.currentDirectoryPath
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: directory).first {
        $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.-]*/) != nil
      })
    let error = #expect(throws: RasterError.self) {
      try CRS("+proj=longlat +ellps=GRS80 +nadgrids=@\(name) +type=crs")
    }
    #expect(error?.code == .noCRS)
  }

  @Test(
    "one in the text of a GeoTIFF's keys is refused with its name",
    arguments: [
      #"EXTENSION["PROJ4_GRIDS","/etc/hostname"]"#, #"PARAMETERFILE["f","../hostname"]"#,
    ])
  func geoTIFF(grid: String) throws {
    let text =
      #"ESRI PE String = GEOGCS["x",DATUM["x",SPHEROID["x",6378137,298],\#(grid)],PRIMEM["G",0],UNIT["d",1]]"#
    // A file with a system of as long a name, which then gives way to the text.
    let name = String(repeating: "N", count: text.utf8.count)
    let crs = try CRS(
      """
      PROJCS["\(name)",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],\
      PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],\
      PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9.5],PARAMETER["scale_factor",0.9996],\
      PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1]]
      """)
    let path = try scratch.image(
      "a.tif", bands: [[1, 1, 1, 1]], width: 2,
      grid: Grid(width: 2, height: 2, transform: north, crs: crs))
    _ = try RasterFile(path: path)
    try scratch.patch(path, name, with: text)
    let error = #expect(throws: RasterError.self) { try RasterFile(path: path) }
    #expect(
      error?.code == .noCRS && error?.description.contains("hostname") == true, "\(String(describing: error))"
    )
  }
}
