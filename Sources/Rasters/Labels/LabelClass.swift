/// A class that pixels can belong to: its value in label files and maps, and its name.
public struct LabelClass: Sendable, Hashable {
  /// The value in rasters and in numeric fields; 0 is a class like any other if it is listed.
  public let value: UInt8
  /// The name, as it may also stand in a text field.
  public let name: String

  /// Creates a class.
  public init(value: UInt8, name: String) {
    self.value = value
    self.name = name
  }
}

/// Where labels lie on disk.
public struct LabelSource: Sendable, Hashable {
  /// A raster or vector file.
  public let path: String
  /// The attribute of a vector file that holds the class.
  public let field: String?
  /// The layer of a vector file that has several.
  public let layer: String?

  /// Creates a source; nothing is opened.
  public init(path: String, field: String? = nil, layer: String? = nil) {
    self.path = path
    self.field = field
    self.layer = layer
  }
}

/// The classes of a task, found by value or by name.
struct LabelKey {
  let classes: [LabelClass]
  /// Class index by raster value, 255 where none.
  let indexOfValue: [UInt8]

  /// At most 254 classes, so that 255 stays free; traps on more, which no pipeline file can ask for.
  init(_ classes: [LabelClass]) {
    precondition(classes.count < 255, "\(classes.count) classes")
    self.classes = classes
    var indices = [UInt8](repeating: Labels.unlabelled, count: 256)
    for (index, entry) in classes.enumerated().reversed() { indices[Int(entry.value)] = UInt8(index) }
    indexOfValue = indices
  }

  /// The class of a stored number; nil where no class has it, or it is no whole number of 0...255.
  func index(of value: Double) -> UInt8? {
    guard value >= 0, value <= 255, value == value.rounded() else { return nil }
    let index = indexOfValue[Int(value)]
    return index == Labels.unlabelled ? nil : index
  }

  /// The class of a text: a name whatever its case, or a number written out.
  func index(of text: String) -> UInt8? {
    let wanted = text.trimmed.lowercased()
    if let place = classes.firstIndex(where: { $0.name.trimmed.lowercased() == wanted }) {
      return UInt8(place)
    }
    return Double(wanted).flatMap { index(of: $0) }
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
