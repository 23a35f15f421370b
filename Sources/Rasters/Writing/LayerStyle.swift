import CGDAL

/// The style of a layer of a GeoPackage, which QGIS keeps in the table `layer_styles` of the file.
package struct LayerStyle: Sendable, Hashable {
  /// The text of QGIS's own style.
  package let qml: String
  /// The text of a Styled Layer Descriptor.
  package let sld: String

  /// Creates a style from its texts.
  package init(qml: String, sld: String) { (self.qml, self.sld) = (qml, sld) }
}

extension VectorLayerWriter {
  /// Puts a style of the layer into the file, as the one that QGIS takes by itself.
  ///
  /// - Throws: `diskFull` or `inputOutput` naming the path.
  /// - Source: the table as QGIS's own provider makes it.
  func add(_ style: LayerStyle) throws(RasterError) {
    let texts = [
      ("f_table_catalog", ""), ("f_table_schema", ""),
      ("f_table_name", String(cString: OGR_L_GetName(layer))),
      ("f_geometry_column", String(cString: OGR_L_GetGeometryColumn(layer))), ("styleName", "terrane"),
      ("styleQML", style.qml), ("styleSLD", style.sld),
    ]
    let rest = [("description", ""), ("owner", ""), ("ui", "")]
    try Self.undated { () throws(RasterError) in
      try GDALErrors.attempt("write the style", path: path, code: .inputOutput, strict: true) { () -> Void? in
        let created = StringList.with(["FID=id"]) { options in
          GDALDatasetCreateLayer(dataset.handle, "layer_styles", nil, wkbNone, options.mutable)
        }
        guard let table = created else { return nil }
        for (name, _) in texts { Self.addField(name, OFTString, to: table) }
        Self.addField("useAsDefault", OFTInteger, OFSTBoolean, to: table)
        for (name, _) in rest { Self.addField(name, OFTString, to: table) }
        Self.addField("update_time", OFTDateTime, to: table)
        guard let feature = OGR_F_Create(OGR_L_GetLayerDefn(table)) else { return nil }
        defer { OGR_F_Destroy(feature) }
        for (name, text) in texts + rest {
          OGR_F_SetFieldString(feature, OGR_F_GetFieldIndex(feature, name), text)
        }
        OGR_F_SetFieldInteger(feature, OGR_F_GetFieldIndex(feature, "useAsDefault"), 1)
        OGR_F_SetFieldDateTime(
          feature, OGR_F_GetFieldIndex(feature, "update_time"), 2000, 1, 1, 0, 0, 0, 100)
        return OGR_L_CreateFeature(table, feature) == OGRERR_NONE ? () : nil
      }
    }
  }

  private static func addField(
    _ name: String, _ type: OGRFieldType, _ subtype: OGRFieldSubType = OFSTNone, to table: OGRLayerH
  ) {
    let definition = OGR_Fld_Create(name, type)
    defer { OGR_Fld_Destroy(definition) }
    OGR_Fld_SetSubType(definition, subtype)
    // One that cannot be made is missed when the feature is written.
    _ = OGR_L_CreateField(table, definition, 0)
  }
}
