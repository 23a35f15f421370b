import Rasters
import Settings

/// The colours of classes by their names, as the pipeline file has them.
package struct ClassColors: Sendable, Hashable {
  /// The names in the order of the file.
  package let names: [String]
  private let colors: [String: String]

  /// Reads the classes of a pipeline's settings.
  package init(_ settings: JSONValue?) {
    guard case .array(let entries)? = settings?["classes"] else {
      (names, colors) = ([], [:])
      return
    }
    names = entries.compactMap { $0["name"]?.text }
    // A colour is written into the page as one, so that it must be one.
    colors = Dictionary(
      entries.compactMap { entry in
        guard let name = entry["name"]?.text, let color = entry["color"]?.text.flatMap(Color.init) else {
          return nil
        }
        return (name, color.description)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The colours of classes that no file gives one, told apart also by those who do not see red and green.
  private static let others = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999"]

  /// Returns the colour of a class.
  package subscript(name: String) -> String {
    if let color = colors[name] { return color }
    let place = names.firstIndex(of: name) ?? name.utf8.reduce(0) { ($0 * 31 + Int($1)) % 997 }
    return Self.others[place % Self.others.count]
  }
}
