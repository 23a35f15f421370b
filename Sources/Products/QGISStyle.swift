import Rasters

/// QGIS style files: names and colours of a one-band raster, or of polygons. No data, which a raster itself
/// names, is transparent.
package enum QGISStyle {
  /// Returns the text of the `.qml` file for a raster of classes.
  package static func text(for legend: Legend) -> String {
    let entries = legend.entries.map { entry in
      "        <paletteEntry value=\"\(entry.value)\" color=\"\(entry.color)\" alpha=\"255\" "
        + "label=\"\(entry.name.asMarkup)\"/>"
    }
    return text(
      attributes: #"type="paletted""#,
      """
            <colorPalette>
      \(entries.joined(separator: "\n"))
            </colorPalette>
      """)
  }

  /// Returns the text of the `.qml` file for a raster of measured values.
  package static func text(for ramp: ColorRamp) -> String {
    let items = ramp.stops.map { stop in
      "          <item value=\"\(stop.value)\" color=\"\(stop.color)\" alpha=\"255\" label=\"\(stop.label.asMarkup)\"/>"
    }
    let (low, high) = (ramp.stops.first!.value, ramp.stops.last!.value)
    return text(
      attributes:
        #"type="singlebandpseudocolor" classificationMin="\#(low)" classificationMax="\#(high)""#,
      """
            <rastershader>
              <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="\(low)" maximumValue="\(high)">
      \(items.joined(separator: "\n"))
              </colorrampshader>
            </rastershader>
      """)
  }

  /// Returns the text of the `.qml` file for polygons that are told apart by a field of class names.
  package static func text(for legend: Legend, field: String) -> String {
    let categories = legend.entries.enumerated().map { index, entry in
      let name = entry.name.asMarkup
      return
        "      <category render=\"true\" symbol=\"\(index)\" type=\"string\" value=\"\(name)\" label=\"\(name)\"/>"
    }
    let symbols = legend.entries.enumerated().map { index, entry in
      """
            <symbol type="fill" name="\(index)" alpha="1" clip_to_extent="1" force_rhr="0">
              <layer class="SimpleFill" enabled="1" locked="0" pass="0">
                <prop k="color" v="\(entry.color.red),\(entry.color.green),\(entry.color.blue),255"/>
                <prop k="style" v="solid"/>
                <prop k="outline_color" v="60,60,60,255"/>
                <prop k="outline_style" v="solid"/>
                <prop k="outline_width" v="0.1"/>
                <prop k="outline_width_unit" v="MM"/>
              </layer>
            </symbol>
      """
    }
    return """
      <!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
      <qgis version="3.22" styleCategories="Symbology">
        <renderer-v2 type="categorizedSymbol" attr="\(field.asMarkup)" symbollevels="0" enableorderby="0" forceraster="0">
          <categories>
      \(categories.joined(separator: "\n"))
          </categories>
          <symbols>
      \(symbols.joined(separator: "\n"))
          </symbols>
        </renderer-v2>
        <layerGeometryType>2</layerGeometryType>
      </qgis>

      """
  }

  private static func text(attributes: String, _ contents: String) -> String {
    """
    <!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
    <qgis version="3.22" styleCategories="Symbology">
      <pipe>
        <rasterrenderer \(attributes) band="1" opacity="1" alphaBand="-1" nodataColor="">
    \(contents)
        </rasterrenderer>
      </pipe>
    </qgis>

    """
  }
}
