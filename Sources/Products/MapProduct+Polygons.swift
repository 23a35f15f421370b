import Foundation
import Host
import Rasters
import Runs

extension MapProduct {
  /// Outlines the classes of a raster of the product in a GeoPackage beside it, `NAME.gpkg`.
  ///
  /// The raster's style for QGIS has the name that QGIS would look for, so that of the polygons lies in the
  /// GeoPackage; the Styled Layer Descriptor is `NAME.gpkg.sld`.
  ///
  /// - Parameter name: the name of the raster's layer.
  /// - Returns: nil where the raster has no place on the map: polygons of rows and columns would lie
  ///   somewhere else, mirrored.
  func writePolygons(of name: String, _ legend: Legend) throws -> STACItem.Asset? {
    guard try RasterFile(path: path("\(name).tif")).grid.transform != nil else { return nil }
    let style = StyleFiles.Style.polygons(legend, field: ClassPolygons.classField)
    let sld = SLDStyle.text(for: style, layer: name)
    let target = path("\(name).gpkg")
    let context = context
    _ = try ClassPolygons.write(
      raster: path("\(name).tif"), legend: legend, layer: name,
      style: self.style.hasQML
        ? LayerStyle(qml: QGISStyle.text(for: style), sld: sld) : nil,
      to: target, isCancelled: { context.isCancelled })
    if self.style.hasSLD { try RegularFile.write(Data(sld.utf8), to: target + ".sld") }
    return STACItem.Asset(name: name, content: .vectors, key: "\(name)-polygons")
  }
}
