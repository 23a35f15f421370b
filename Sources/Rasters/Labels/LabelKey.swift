import Classes

/// The classes of a task, found by the values and names that labels hold.
///
/// A class is found by its own value and its own name, unless labels are listed for it: then by those alone,
/// as files that name others number their classes in a way of their own.
package struct LabelKey: Sendable {
  package let classes: [LandClass]
  /// The labels that are listed for each class; empty for a class that has its own value and name.
  package let listed: [[String]]
  /// Class index by raster value, ``ClassIndex/none`` where none has it.
  private let indexOfValue: [UInt8]
  /// Class index by the numbers that are listed and no value of a byte.
  private let indexOfNumber: [Double: UInt8]
  private let indexOfName: [String: UInt8]

  /// Creates a key of fewer than 255 classes, so that one value of a byte stays free; traps on more, which no
  /// pipeline file can ask for.
  ///
  /// - Parameter listed: the labels of each class, numbers or names; none for a class that has its own. Of a
  ///   label that is listed twice the first class counts.
  package init(_ classes: [LandClass], listed: [[String]] = []) {
    precondition(classes.count < 255, "\(classes.count) classes")
    self.classes = classes
    let listed = classes.indices.map { listed.indices.contains($0) ? listed[$0] : [] }
    self.listed = listed
    var values = [UInt8](repeating: ClassIndex.none, count: 256)
    var numbers: [Double: UInt8] = [:]
    var names: [String: UInt8] = [:]
    for (index, entry) in classes.enumerated().reversed() {
      guard !listed[index].isEmpty else {
        values[Int(entry.value)] = UInt8(index)
        names[Self.folded(entry.name)] = UInt8(index)
        continue
      }
      for label in listed[index] {
        names[Self.folded(label)] = UInt8(index)
        guard let number = Self.number(label) else { continue }
        if let value = UInt8(exactly: number) { values[Int(value)] = UInt8(index) }
        numbers[number] = UInt8(index)
      }
    }
    (indexOfValue, indexOfNumber, indexOfName) = (values, numbers, names)
  }

  /// Whether labels are listed for any class.
  package var listsLabels: Bool { listed.contains { !$0.isEmpty } }

  /// Returns the class of a stored number; nil where no class has it.
  package func index(of value: Double) -> UInt8? {
    if value >= 0, value <= 255, value == value.rounded() {
      let index = indexOfValue[Int(value)]
      return index == ClassIndex.none ? nil : index
    }
    return indexOfNumber.isEmpty ? nil : indexOfNumber[value]
  }

  /// Returns the class of a text: a name whatever its case, or a number written out.
  package func index(of text: String) -> UInt8? {
    indexOfName[Self.folded(text)] ?? Self.number(text).flatMap { index(of: $0) }
  }

  /// Returns a label as labels are compared: a number by its value, a name whatever its case.
  package static func compared(_ label: String) -> String {
    number(label).map { "\($0)" } ?? folded(label)
  }

  private static func folded(_ text: String) -> String { text.trimmed.lowercased() }

  /// Returns the number that a text writes out; nil for any other text.
  private static func number(_ text: String) -> Double? {
    Double(text.trimmed).flatMap { $0.isFinite ? $0 : nil }
  }
}

extension String {
  /// The text without white space at its ends.
  package var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
