/// A class that pixels can belong to: its value in label files and maps, and its name.
///
/// Its JSON is `{"name":"water","value":1}`, as model cards have it.
public struct LandClass: Codable, Hashable, Sendable {
  /// The value in rasters and in numeric fields; 0 is a class like any other if it is listed.
  public var value: UInt8
  /// The name in legends, as it may also stand in a text field.
  public var name: String

  /// Creates a class.
  public init(value: UInt8, name: String) { (self.value, self.name) = (value, name) }
}
