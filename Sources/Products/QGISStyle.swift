import Foundation
import Host
import Rasters

/// QGIS style files: names and colours of a one-band raster. No data, which the raster itself names, is
/// transparent.
package enum QGISStyle {
  /// The text of the `.qml` file for a raster of classes.
  package static func text(for legend: Legend) -> String {
    let entries = legend.entries.map { entry in
      "        <paletteEntry value=\"\(entry.value)\" color=\"\(entry.color)\" alpha=\"255\" "
        + "label=\"\(escaped(entry.name))\"/>"
    }
    return text(
      attributes: #"type="paletted""#,
      """
            <colorPalette>
      \(entries.joined(separator: "\n"))
            </colorPalette>
      """)
  }

  /// The text of the `.qml` file for a raster of measured values.
  package static func text(for ramp: ColorRamp) -> String {
    let items = ramp.stops.map { stop in
      "          <item value=\"\(stop.value)\" color=\"\(stop.color)\" alpha=\"255\" label=\"\(escaped(stop.label))\"/>"
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

  /// Writes a style beside the raster at `path`, under its name.
  package static func write(_ text: String, beside path: String) throws {
    let style = URL(fileURLWithPath: path).deletingPathExtension().appendingPathExtension("qml")
    try RegularFile.write(Data(text.utf8), to: style.path)
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

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }
}
