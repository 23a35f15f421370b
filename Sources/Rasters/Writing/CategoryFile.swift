import Foundation

/// GDAL's side-car of a class raster (`<file>.aux.xml`), with nothing in it but the names of the categories.
///
/// Other programs add statistics to it (`gdalinfo -stats`, QGIS) and write it anew in their own spelling.
public enum CategoryFile {
  /// Returns the text of the side-car.
  ///
  /// - Parameter names: by value from 0; empty where a value is no class.
  package static func text(names: [String]) -> String {
    let escape = { (text: String) in
      text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
    let categories = names.map { "      <Category>\(escape($0))</Category>\n" }.joined()
    return """
      <PAMDataset>
        <PAMRasterBand band="1">
          <CategoryNames>
      \(categories)    </CategoryNames>
        </PAMRasterBand>
      </PAMDataset>

      """
  }

  /// Returns the side-car as terrane wrote it, of one to which another program has added statistics; nil
  /// where it holds anything else, or no names.
  public static func original(of text: String) -> String? {
    let statistics = /(?s)<(Metadata|Histograms|Description)\b[^>]*>.*?<\/\1>/
    let rest = compact(text.replacing(statistics, with: ""))
    let names = rest.matches(of: /<Category>([^<]*)<\/Category>/).map { match in
      String(match.1).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing(
        "&quot;", with: "\""
      )
      .replacing("&apos;", with: "'").replacing("&amp;", with: "&")
    }
    let own = Self.text(names: names)
    return !names.isEmpty && compact(own) == rest ? own : nil
  }

  /// Returns the text without what spelling is free to differ in.
  private static func compact(_ text: String) -> String {
    text.replacing(/<Category\s*\/>/, with: "<Category></Category>").replacing("&quot;", with: "\"")
      .replacing("&apos;", with: "'").replacing(/>\s+</, with: "><")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
