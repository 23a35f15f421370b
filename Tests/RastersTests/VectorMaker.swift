import CGDAL
import Foundation
import Rasters

/// Writes vector files with GDAL and changes them with SQLite, as other programs would.
enum VectorMaker {
  /// A layer of features: well-known text and the value of the field `class`.
  struct Layer {
    var name = "labels"
    var type = wkbUnknown
    var epsg = 32632
    var features: [(wkt: String?, value: String?)]
  }

  /// Writes layers into a new file.
  static func write(_ layers: [Layer], to path: String, driver: String = "GPKG") {
    GDALLibrary.start()
    let file = GDALCreate(GDALGetDriverByName(driver), path, 0, 0, 0, GDT_Unknown, nil)!
    for layer in layers {
      let system = OSRNewSpatialReference(nil)!
      precondition(OSRImportFromEPSG(system, Int32(layer.epsg)) == OGRERR_NONE)
      OSRSetAxisMappingStrategy(system, OAMS_TRADITIONAL_GIS_ORDER)
      defer { OSRDestroySpatialReference(system) }
      let handle = GDALDatasetCreateLayer(
        file, layer.name, layer.type == wkbNone ? nil : system, layer.type, nil)!
      let field = OGR_Fld_Create("class", OFTString)!
      precondition(OGR_L_CreateField(handle, field, 1) == OGRERR_NONE)
      OGR_Fld_Destroy(field)
      for (text, value) in layer.features {
        let feature = OGR_F_Create(OGR_L_GetLayerDefn(handle))!
        if let value { OGR_F_SetFieldString(feature, 0, value) }
        if let text {
          var geometry: OGRGeometryH?
          text.withCString { start in
            var cursor: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: start)
            precondition(OGR_G_CreateFromWkt(&cursor, nil, &geometry) == OGRERR_NONE, text)
          }
          OGR_F_SetGeometryDirectly(feature, geometry)
        }
        precondition(OGR_L_CreateFeature(handle, feature) == OGRERR_NONE)
        OGR_F_Destroy(feature)
      }
    }
    GDALClose(file)
  }

  /// Runs statements on a database.
  static func sql(_ statements: [String], on path: String) { try! sql(statements, on: path) {} }

  /// The same; `leaving` is called while the connection is open.
  static func sql(_ statements: [String], on path: String, leaving: () throws -> Void) throws {
    GDALLibrary.start()
    var database: OpaquePointer?
    precondition(sqlite3_open(path, &database) == SQLITE_OK)
    defer { sqlite3_close(database) }
    for statement in statements {
      let code = sqlite3_exec(database, statement, nil, nil, nil)
      precondition(code == SQLITE_OK, "\(statement): \(String(cString: sqlite3_errmsg(database)))")
    }
    try leaving()
  }

  /// A square of the 10 m grid in UTM 32N, by column, row and side in pixels.
  static func square(_ column: Double, _ row: Double, _ side: Double) -> String {
    let (left, top) = (600_000 + column * 10, 5_200_000 - row * 10)
    let (right, bottom) = (left + side * 10, top - side * 10)
    return "POLYGON ((\(left) \(top),\(right) \(top),\(right) \(bottom),\(left) \(bottom),\(left) \(top)))"
  }
}
