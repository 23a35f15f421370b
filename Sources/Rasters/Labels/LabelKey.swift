import Classes

/// The classes of a task, found by value or by name.
package struct LabelKey {
  package let classes: [LandClass]
  /// Class index by raster value, ``ClassIndex/none`` where none has it.
  let indexOfValue: [UInt8]

  /// Creates a key of fewer than 255 classes, so that one value of a byte stays free; traps on more, which no
  /// pipeline file can ask for.
  package init(_ classes: [LandClass]) {
    precondition(classes.count < 255, "\(classes.count) classes")
    self.classes = classes
    var indices = [UInt8](repeating: ClassIndex.none, count: 256)
    for (index, entry) in classes.enumerated().reversed() { indices[Int(entry.value)] = UInt8(index) }
    indexOfValue = indices
  }

  /// Returns the class of a stored number; nil where no class has it, or it is no whole number of 0...255.
  package func index(of value: Double) -> UInt8? {
    guard value >= 0, value <= 255, value == value.rounded() else { return nil }
    let index = indexOfValue[Int(value)]
    return index == ClassIndex.none ? nil : index
  }

  /// Returns the class of a text: a name whatever its case, or a number written out.
  package func index(of text: String) -> UInt8? {
    let wanted = text.trimmed.lowercased()
    if let place = classes.firstIndex(where: { $0.name.trimmed.lowercased() == wanted }) {
      return UInt8(place)
    }
    return Double(wanted).flatMap { index(of: $0) }
  }
}

extension String {
  /// The text without white space at its ends.
  package var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
