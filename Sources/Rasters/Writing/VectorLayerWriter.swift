import CGDAL
import Foundation

/// A vector file of one layer that is being written by OGR.
final class VectorLayerWriter: FeatureOutput {
  let dataset: Dataset
  let layer: OGRLayerH
  let path: String
  /// The features that were written.
  var count = 0
  /// Whether the features are one transaction, which ``close()`` ends.
  private let isTransaction: Bool

  /// Creates a file.
  ///
  /// - Parameters:
  ///   - driver: GDAL's short name of the format.
  ///   - options: what the driver calls layer creation options.
  ///   - isTransaction: whether the format is a database, which would bring every feature to the disk by
  ///     itself.
  init(
    path: String, driver: String, layer name: String, crs: CRS?, fields: [FeatureField], options: [String],
    isTransaction: Bool = false
  ) throws(RasterError) {
    GDALLibrary.start()
    (self.path, self.isTransaction) = (path, isTransaction)
    let handle = try Self.undated {
      () throws(RasterError) in
      try GDALErrors.attempt("create the features", path: path, code: .cannotCreate) {
        GDALCreate(GDALGetDriverByName(driver), path, 0, 0, 0, GDT_Unknown, nil)
      }
    }
    dataset = Dataset(adopting: handle, path: path)
    let reference = crs.flatMap { SpatialReference(wkt: $0.wkt) }
    layer = try Self.undated {
      () throws(RasterError) in
      try GDALErrors.attempt("create the features", path: path, code: .cannotCreate, strict: true) {
        () -> OGRLayerH? in
        if isTransaction, GDALDatasetStartTransaction(handle, 0) != OGRERR_NONE { return nil }
        let layer = StringList.with(options) { list in
          GDALDatasetCreateLayer(handle, name, reference?.handle, wkbPolygon, list.mutable)
        }
        guard let layer else { return nil }
        for field in fields {
          let definition = OGR_Fld_Create(field.name, field.kind.ogrType)
          defer { OGR_Fld_Destroy(definition) }
          guard OGR_L_CreateField(layer, definition, 0) == OGRERR_NONE else { return nil }
        }
        return layer
      }
    }
  }

  /// Creates a GeoPackage, replacing one that is there.
  ///
  /// - Parameter isIndexed: whether it has an index of places.
  convenience init(
    geoPackage path: String, layer: String, crs: CRS?, fields: [FeatureField], isIndexed: Bool = true
  ) throws(RasterError) {
    for part in ["", "-wal", "-shm", "-journal"] where unlink(path + part) != 0 && errno != ENOENT {
      throw RasterError(
        .cannotCreate, "create the features", path: path + part, cause: String(cString: strerror(errno)))
    }
    try self.init(
      path: path, driver: "GPKG", layer: layer, crs: crs, fields: fields,
      options: ["GEOMETRY_NAME=geom", "FID=fid"] + (isIndexed ? [] : ["SPATIAL_INDEX=NO"]),
      isTransaction: true)
  }

  func add(_ polygon: [(x: Double, y: Double)]?, values: [FeatureValue?]) throws(RasterError) {
    guard let polygon else { return try add(nil as OGRGeometryH?, values: values) }
    let (ring, geometry) = (OGR_G_CreateGeometry(wkbLinearRing), OGR_G_CreateGeometry(wkbPolygon))
    defer { OGR_G_DestroyGeometry(geometry) }
    for corner in polygon { OGR_G_AddPoint_2D(ring, corner.x, corner.y) }
    OGR_G_CloseRings(ring)
    // The polygon owns the ring from here on.
    OGR_G_AddGeometryDirectly(geometry, ring)
    try add(geometry, values: values)
  }

  /// Writes a feature with a copy of a geometry.
  func add(_ geometry: OGRGeometryH?, values: [FeatureValue?]) throws(RasterError) {
    try GDALErrors.attempt("write the features", path: path, code: .inputOutput, strict: true) {
      () -> Void? in
      guard let feature = OGR_F_Create(OGR_L_GetLayerDefn(layer)) else { return nil }
      defer { OGR_F_Destroy(feature) }
      for (index, value) in values.enumerated() {
        let field = Int32(index)
        switch value {
        case .integer(let number): OGR_F_SetFieldInteger64(feature, field, Int64(number))
        case .real(let number) where number.isFinite: OGR_F_SetFieldDouble(feature, field, number)
        case .text(let text): OGR_F_SetFieldString(feature, field, text)
        case .real, nil: OGR_F_SetFieldNull(feature, field)
        }
      }
      guard geometry == nil || OGR_F_SetGeometry(feature, geometry) == OGRERR_NONE,
        OGR_L_CreateFeature(layer, feature) == OGRERR_NONE
      else { return nil }
      return ()
    }
    count += 1
  }

  func close() throws(RasterError) {
    try Self.undated { () throws(RasterError) in
      if isTransaction {
        try GDALErrors.attempt("finish the features", path: path, code: .inputOutput, strict: true) {
          GDALDatasetCommitTransaction(dataset.handle) == OGRERR_NONE ? () : nil
        }
      }
      try dataset.close(attempted: "finish the features")
    }
    guard isTransaction else { return }
    var found = 0
    try VectorFile(path: path).layer(named: nil).forEachFeature([]) { _, _ in found += 1 }
    guard found == count else {
      throw RasterError(
        .notVerified, "finish the features", path: path, cause: "\(found) of \(count) features are in it")
    }
  }

  /// Runs `body` with a fixed day in the place of today's, which a GeoPackage would hold: the same features
  /// are to give the same bytes.
  static func undated<Result>(_ body: () throws(RasterError) -> Result) throws(RasterError) -> Result {
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z")
    defer { CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", nil) }
    return try body()
  }
}

extension FeatureField.Kind {
  fileprivate var ogrType: OGRFieldType {
    switch self {
    case .integer: OFTInteger64
    case .real: OFTReal
    case .text: OFTString
    }
  }
}
