import Classes
import Foundation
import Rasters

/// The classes that a file of labels holds, with values, names and colours for them.
struct DraftedClasses {
  /// A class as the file will list it.
  struct Entry {
    let value: UInt8
    let name: String
    /// The label that stands for the class where its own value and name do not; nil elsewhere.
    let label: String?
    let color: Color
  }

  /// The file, and where it is a vector its field and layer.
  let source: LabelSource
  private(set) var entries: [Entry]
  /// Whether the labels hold values that are no class, which is then to be said in the file.
  let ignoresOthers: Bool
  /// The grounds of what was chosen, in sentences.
  private(set) var remarks: [String]

  /// The classes in the order of their indices.
  var classes: [LandClass] { entries.map { LandClass(value: $0.value, name: $0.name) } }

  /// The labels of each class where they are other than its value and its name; empty for those of none.
  var listedLabels: [[String]] { entries.map { $0.label.map { [$0] } ?? [] } }

  /// A class before it has a name and a colour of its own.
  private typealias Known = (value: UInt8, name: String, color: Color?)

  /// The most classes that a map of bytes holds.
  private static let most = 254

  /// Looks through the labels.
  ///
  /// - Throws: `DraftFailure`; what reading throws.
  init(in path: String, field: String?) throws {
    if LabelSource(path: path).isVector {
      try self.init(vector: path, field: field)
    } else if field != nil {
      throw DraftFailure.fieldOfRaster(path)
    } else {
      try self.init(raster: path)
    }
  }

  // MARK: - Vectors

  private init(vector path: String, field: String?) throws {
    let choice = try FieldChoice(in: path, wanted: field)
    let style = StyledClasses(beside: path)
    let table = choice.table
    var names: [String: String] = [:]
    var numbers: [String: UInt8] = [:]
    for row in table.rows {
      guard let text = row[choice.place] else { continue }
      let key = text.lowercased()
      names[key] = names[key] ?? text
      numbers[key] = numbers[key] ?? choice.numbers.flatMap { row[$0] }.flatMap(FieldChoice.classValue)
    }
    try Self.check(names.count, path, found: names.values.sorted())
    let isNumber = table.fields[choice.place].isNumber
    let own = isNumber ? names.compactMapValues { FieldChoice.classValue($0) } : numbers
    let keepsValues = own.count == names.count && Set(own.values).count == own.count
    let sorted = names.keys.sorted {
      keepsValues ? own[$0]! < own[$1]! : isNumber ? Double($0) ?? 0 < Double($1) ?? 0 : $0 < $1
    }
    var known: [Known] = []
    for (index, key) in sorted.enumerated() {
      let styled = style?.entries[names[key]!]
      known.append((keepsValues ? own[key]! : UInt8(index + 1), names[key]!, styled?.color))
    }
    if isNumber && keepsValues {
      known = known.map { ($0.value, style?.entries["\($0.value)"]?.label ?? "class \($0.value)", $0.color) }
    }
    source = LabelSource(path: path, field: choice.name, layer: choice.namesLayer ? table.layer : nil)
    ignoresOthers = false
    remarks =
      (choice.remarks.isEmpty
        ? [] : ["the field '\(choice.name)' was guessed: \(choice.remarks.joined(separator: "; "))"])
      + Self.valueRemarks(choice, isNumber: isNumber, keepsValues: keepsValues)
    entries = []
    take(known, styled: style != nil) { place, name in
      let label = names[sorted[place]]!
      // A number is held against values before names, and a value that is made up may be another number.
      let isFound = isNumber ? keepsValues : name == label
      return isFound ? nil : label
    }
  }

  private static func valueRemarks(_ choice: FieldChoice, isNumber: Bool, keepsValues: Bool) -> [String] {
    if isNumber && keepsValues {
      return ["the names of the classes are made up: write what the numbers mean"]
    }
    if !keepsValues { return ["the values are made up, in the order of the names"] }
    return choice.numbers.map { ["the values are those of '\(choice.table.fields[$0].name)'"] } ?? []
  }

  // MARK: - Rasters

  private init(raster path: String) throws {
    let stored = try StoredClasses(path: path)
    let style = StyledClasses(beside: path)
    var values = stored.counts.keys.sorted()
    // 0 and 255 are the usual fill, unless a name says what they mean or there is hardly anything else.
    let fill = [0, 255].filter { value in
      stored.counts[value] != nil && stored.names[value] == nil && style?.entries["\(value)"] == nil
    }
    if values.count - fill.count >= 2 {
      values.removeAll(where: fill.contains)
    } else {
      values.removeAll { $0 == 255 }
    }
    try Self.check(values.count, path, found: stored.counts.keys.sorted().map { "\($0)" })
    source = LabelSource(path: path)
    ignoresOthers = !stored.others.isEmpty
    remarks = []
    entries = []
    let unnamed = values.filter { stored.names[$0] == nil && style?.entries["\($0)"]?.label == nil }
    if !unnamed.isEmpty {
      remarks.append("the names of the classes are made up: write what the numbers mean")
    }
    let left = fill.filter { !values.contains($0) }
    if !left.isEmpty {
      remarks.append("\(left.map(String.init).joined(separator: " and ")) is taken for 'no label'")
    }
    if let first = stored.others.first {
      remarks.append(
        "\(first.value) and the like (\(first.count) pixels) can be no class and count as 'no label'")
    }
    take(
      values.map { value in
        let styled = style?.entries["\(value)"]
        return (
          UInt8(value), stored.names[value] ?? styled?.label ?? "class \(value)",
          styled?.color ?? stored.colors[value]
        )
      }, styled: style != nil)
  }

  private static func check(_ count: Int, _ path: String, found: [String]) throws {
    if count < 2 {
      throw DraftFailure.tooFewClasses(path, found: found.isEmpty ? "none" : "'\(found[0])' alone")
    }
    if count > most { throw DraftFailure.tooManyClasses(path, count: count) }
  }

  /// Takes classes, with names that no two of them share and colours for all.
  ///
  /// - Parameter label: returns what stands for the class of a place with the name that it got, where its
  ///   value and name do not.
  private mutating func take(
    _ known: [Known], styled: Bool, label: (Int, String) -> String? = { _, _ in nil }
  ) {
    var seen: [String: Int] = [:]
    let names = known.map { entry -> String in
      let name = entry.name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let count = seen[name.lowercased(), default: 0]
      seen[name.lowercased()] = count + 1
      return count == 0 ? name : "\(name) (\(entry.value))"
    }
    let colors = ClassColors(names: names, known: known.map(\.color))
    entries = known.indices.map { place in
      Entry(
        value: known[place].value, name: names[place], label: label(place, names[place]),
        color: colors.colors[place])
    }
    let own = known.count { $0.color != nil }
    if own > 0 {
      remarks.append(
        "\(own == known.count ? "the colours" : "\(own) of the colours") are those of "
          + (styled ? "the style beside the labels" : "the labels' palette"))
    }
  }
}
