import CGDAL
import Foundation

extension ClassPolygons {
  /// The field of polygons that holds the names of their classes.
  package static let classField = "class"

  /// Outlines the patches of equal class of a raster in a GeoPackage, in the raster's own system: a polygon a
  /// patch with `class`, `value` and `hectares`, of which the last has no value where the system is not in
  /// metres.
  ///
  /// Patches touch along sides of pixels. GDAL reads the raster row by row and writes each outline to a file
  /// as soon as it is closed, so that memory holds two rows and the outlines that are open.
  ///
  /// - Parameters:
  ///   - raster: a raster of bytes with a transform; values that the legend does not list, and no data, are
  ///     left out.
  ///   - style: how QGIS draws the layer, kept in the file itself; nil for no style.
  ///   - isCancelled: asked every now and then.
  /// - Returns: the number of polygons.
  /// - Throws: what opening the raster throws; `noCRS` where it has no transform; `cannotCreate`, `diskFull`,
  ///   `inputOutput` or `notVerified` naming the path.
  /// - Source: GDAL's GDALPolygonize, whose polygons are valid from version 3.6 on.
  package static func write(
    raster path: String, legend: Legend, layer: String, style: LayerStyle?, to target: String,
    isCancelled: @escaping () -> Bool
  ) throws(RasterError) -> Int {
    let raster = try Dataset.open(
      path, flags: GDAL_OF_RASTER | GDAL_OF_READONLY, drivers: ["GTiff"], attempted: "outline the classes")
    let grid = raster.grid
    guard let transform = grid.transform else {
      throw RasterError(
        .noCRS, "outline the classes", path: path, cause: "the raster has no place on the map")
    }
    let place = URL(fileURLWithPath: target).deletingLastPathComponent()
    let outlines = place.appendingPathComponent(".\(layer).outlines.gpkg").path
    defer { unlink(outlines) }
    let value = FeatureField("value", .integer)
    let outlining = try VectorLayerWriter(
      geoPackage: outlines, layer: layer, crs: grid.crs, fields: [value], isIndexed: false)
    try outlining.addOutlines(of: raster, isCancelled: isCancelled)
    try outlining.close()
    let writer = try VectorLayerWriter(
      geoPackage: target, layer: layer, crs: grid.crs,
      fields: [FeatureField(classField, .text), value, FeatureField("hectares", .real)])
    let names = Dictionary(uniqueKeysWithValues: legend.entries.map { (Int($0.value), $0.name) })
    let pixel = (onMap: transform.pixelArea, onGround: grid.pixelAreaInSquareMetres)
    var count = 0
    var failure: RasterError?
    let found = try VectorFile(path: outlines).layer(named: nil)
    try found.forEachFeature([try found.field(named: value.name)]) { values, geometry in
      if failure == nil, count.isMultiple(of: 4096), isCancelled() {
        failure = RasterError(
          .inputOutput, "outline the classes", path: target, cause: "the run was asked to end")
      }
      guard failure == nil, let geometry, let value = values[0]?.number.map(Int.init),
        let name = names[value]
      else { return }
      let pixels = (OGR_G_Area(geometry) / pixel.onMap).rounded()
      let hectares = pixel.onGround.map { FeatureValue.real((pixels * $0).rounded() / 10_000) }
      do throws(RasterError) {
        try writer.add(geometry, values: [.text(name), .integer(value), hectares])
        count += 1
      } catch { failure = error }
    }
    if let failure { throw failure }
    if let style { try writer.add(style) }
    try writer.close()
    return count
  }
}
