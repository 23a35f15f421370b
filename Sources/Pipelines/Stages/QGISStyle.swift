import Rasters

/// A QGIS style file that shows a class raster with its names and colours.
enum QGISStyle {
  /// The text of the `.qml` file for a one-band raster.
  static func text(for legend: Legend) -> String {
    let entries = legend.entries.map { entry in
      "        <paletteEntry value=\"\(entry.value)\" color=\"\(entry.color)\" alpha=\"255\" "
        + "label=\"\(escaped(entry.name))\"/>"
    }
    return """
      <!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
      <qgis version="3.22" styleCategories="Symbology">
        <pipe>
          <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
            <colorPalette>
      \(entries.joined(separator: "\n"))
            </colorPalette>
          </rasterrenderer>
        </pipe>
      </qgis>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }
}
