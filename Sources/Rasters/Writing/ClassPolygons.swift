import CGDAL

/// Outlines the patches of equal class in a raster and writes them as a vector file.
public enum ClassPolygons {
  /// Writes a GeoJSON in longitude and latitude (RFC 7946), one polygon for each patch of equal class.
  ///
  /// - Parameters:
  ///   - classes: `[H, W]` values; those that the legend does not list are left out.
  ///   - grid: must have a transform and a coordinate reference system.
  ///   - field: the text field that holds the class name.
  /// - Throws: `noCRS`; `cannotCreate`, `diskFull` or `inputOutput` naming the path.
  public static func write(
    _ classes: [UInt8], grid: Grid, legend: Legend, field: String, to path: String
  ) throws(RasterError) {
    precondition(classes.count == grid.bounds.pixelCount, "\(classes.count) values for \(grid)")
    try InputPath.refuseVirtual(path, to: "create the polygons")
    guard grid.transform != nil, let crs = grid.crs, let reference = SpatialReference(wkt: crs.wkt) else {
      throw RasterError(
        .noCRS, "outline the classes", path: path, cause: "the raster has no place on the map")
    }
    let raster = try raster(of: classes, grid: grid, legend: legend)
    let outlines = try GDALErrors.attempt("outline the classes", path: path, code: .inputOutput) {
      OutlineLayer(of: raster, reference: reference)
    }
    let writer = try VectorLayerWriter(
      path: path, driver: "GeoJSON", layer: "labels", crs: crs, fields: [FeatureField(field, .text)],
      options: ["RFC7946=YES", "COORDINATE_PRECISION=8"])
    let names = Dictionary(uniqueKeysWithValues: legend.entries.map { (Int($0.value), $0.name) })
    try outlines.forEach { (geometry, value) throws(RasterError) in
      if let name = names[value] { try writer.add(geometry, values: [.text(name)]) }
    }
    try writer.close()
  }

  /// Returns the classes in memory, with 0 for what the legend does not list and a mask over it.
  private static func raster(of classes: [UInt8], grid: Grid, legend: Legend) throws(RasterError) -> Dataset {
    let raster = try Dataset.inMemory(width: grid.width, height: grid.height, bands: 2, type: GDT_Int32)
    try raster.setGrid(grid)
    let listed = Set(legend.entries.map(\.value))
    var values = classes.map(Int32.init)
    var mask: [Int32] = classes.map { listed.contains($0) ? 255 : 0 }
    let (width, height) = (Int32(grid.width), Int32(grid.height))
    try GDALErrors.attempt("hold the classes", path: nil, code: .tooLarge) {
      GDALRasterIO(
        raster.band(1), GF_Write, 0, 0, width, height, &values, width, height, GDT_Int32, 0, 0) == CE_None
        && GDALRasterIO(
          raster.band(2), GF_Write, 0, 0, width, height, &mask, width, height, GDT_Int32, 0, 0) == CE_None
        ? () : nil
    }
    return raster
  }
}

/// The outlines of a raster's patches, in memory; field 0 holds the class.
private final class OutlineLayer {
  private let source: OGRDataSourceH
  private let layer: OGRLayerH

  /// Outlines a raster whose band 1 holds classes and band 2 the mask; nil where GDAL could not do it.
  package init?(of raster: Dataset, reference: SpatialReference) {
    guard let driver = OGRGetDriverByName("Memory") ?? OutlineLayer.registerMemory(),
      let source = OGR_Dr_CreateDataSource(driver, "outlines", nil)
    else { return nil }
    guard let layer = OGR_DS_CreateLayer(source, "outlines", reference.handle, wkbPolygon, nil) else {
      OGR_DS_Destroy(source)
      return nil
    }
    (self.source, self.layer) = (source, layer)
    let definition = OGR_Fld_Create("value", OFTInteger)
    defer { OGR_Fld_Destroy(definition) }
    guard OGR_L_CreateField(layer, definition, 0) == OGRERR_NONE,
      GDALPolygonize(raster.band(1), raster.band(2), layer, 0, nil, nil, nil) == CE_None
    else { return nil }
  }

  deinit { OGR_DS_Destroy(source) }

  /// Calls `body` with every outline, which is borrowed, and its class.
  package func forEach(_ body: (OGRGeometryH?, Int) throws(RasterError) -> Void) throws(RasterError) {
    OGR_L_ResetReading(layer)
    while let outline = OGR_L_GetNextFeature(layer) {
      defer { OGR_F_Destroy(outline) }
      try body(OGR_F_GetGeometryRef(outline), Int(OGR_F_GetFieldAsInteger(outline, 0)))
    }
  }

  /// Returns GDAL's driver of vectors in memory, which reads no file and is registered when it is first
  /// needed.
  private static func registerMemory() -> OGRSFDriverH? {
    RegisterOGRMEM()
    return OGRGetDriverByName("Memory")
  }
}
