import Classes

/// The meaning and colour of each value of a class raster.
public struct Legend: Sendable, Hashable {
  /// A class of the raster, and its colour.
  public struct Entry: Sendable, Hashable {
    /// The class.
    public let landClass: LandClass
    /// The class's colour on maps.
    public let color: Color

    /// Creates an entry.
    public init(value: UInt8, name: String, color: Color) {
      landClass = LandClass(value: value, name: name)
      self.color = color
    }

    /// The value of the class's pixels.
    public var value: UInt8 { landClass.value }
    /// The class's name.
    public var name: String { landClass.name }
  }

  /// The classes, in the order in which they are listed to people.
  public let entries: [Entry]
  /// The value of pixels that hold no class; drawn transparent.
  public let noData: UInt8

  /// Creates a legend; traps if a value is listed twice, which no checked pipeline file can ask for.
  public init(entries: [Entry], noData: UInt8 = 0) {
    precondition(Set(entries.map(\.value)).count == entries.count, "a value twice in \(entries)")
    self.entries = entries
    self.noData = noData
  }

  /// Names by value from 0 up to the largest one, as GDAL keeps category names; empty where a value is no
  /// class.
  var categoryNames: [String] {
    var names = [String](repeating: "", count: Int(entries.map(\.value).max() ?? 0) + 1)
    for entry in entries { names[Int(entry.value)] = entry.name }
    return names
  }

  /// The names as metadata inside the file: "CLASS_1" = "water".
  package var metadata: [String: String] {
    Dictionary(uniqueKeysWithValues: entries.map { ("CLASS_\($0.value)", $0.name) })
  }
}
