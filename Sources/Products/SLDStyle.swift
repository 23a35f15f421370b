import Rasters

/// Styled Layer Descriptors: names and colours of a raster's first band, or of polygons.
///
/// Version 1.0.0 with the attribute `type` of `ColorMap` that GeoServer has added to it: `values` for
/// classes, where what has no entry is transparent, and `ramp` for measured values.
///
/// - Source: OGC 02-070 (SLD 1.0.0); GeoServer's documentation of `RasterSymbolizer`.
package enum SLDStyle {
  /// Returns the text of the `.sld` file of a style.
  ///
  /// - Parameter layer: the name of the layer in it.
  package static func text(for style: StyleFiles.Style, layer: String) -> String {
    switch style {
    case .classes(let legend):
      document(
        layer, [raster(type: "values", legend.entries.map { ("\($0.color)", "\($0.value)", $0.name) })])
    case .values(let ramp):
      document(layer, [raster(type: "ramp", ramp.stops.map { ($0.color, "\($0.value)", $0.label) })])
    case .polygons(let legend, let field):
      document(layer, legend.entries.map { polygons(of: $0, field: field) })
    }
  }

  /// Returns the rule of a raster.
  private static func raster(
    type: String, _ entries: [(color: String, quantity: String, label: String)]
  ) -> String {
    let lines = entries.map { entry in
      "              <ColorMapEntry color=\"\(entry.color)\" quantity=\"\(entry.quantity)\" "
        + "label=\"\(entry.label.asMarkup)\"/>"
    }
    return """
              <Rule>
                <RasterSymbolizer>
                  <ChannelSelection>
                    <GrayChannel><SourceChannelName>1</SourceChannelName></GrayChannel>
                  </ChannelSelection>
                  <ColorMap type="\(type)">
      \(lines.joined(separator: "\n"))
                  </ColorMap>
                </RasterSymbolizer>
              </Rule>
      """
  }

  /// Returns the rule of the polygons of a class.
  private static func polygons(of entry: Legend.Entry, field: String) -> String {
    let name = entry.name.asMarkup
    return """
              <Rule>
                <Name>\(name)</Name>
                <Title>\(name)</Title>
                <ogc:Filter>
                  <ogc:PropertyIsEqualTo>
                    <ogc:PropertyName>\(field.asMarkup)</ogc:PropertyName>
                    <ogc:Literal>\(name)</ogc:Literal>
                  </ogc:PropertyIsEqualTo>
                </ogc:Filter>
                <PolygonSymbolizer>
                  <Fill><CssParameter name="fill">\(entry.color)</CssParameter></Fill>
                  <Stroke>
                    <CssParameter name="stroke">#3c3c3c</CssParameter>
                    <CssParameter name="stroke-width">0.3</CssParameter>
                  </Stroke>
                </PolygonSymbolizer>
              </Rule>
      """
  }

  private static func document(_ layer: String, _ rules: [String]) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld"
        xmlns:ogc="http://www.opengis.net/ogc">
      <NamedLayer>
        <Name>\(layer.asMarkup)</Name>
        <UserStyle>
          <Title>\(layer.asMarkup)</Title>
          <FeatureTypeStyle>
    \(rules.joined(separator: "\n"))
          </FeatureTypeStyle>
        </UserStyle>
      </NamedLayer>
    </StyledLayerDescriptor>

    """
  }
}
