import Host
import Rasters

/// The field of a vector file that holds the classes, found among all that its layers have.
struct FieldChoice {
  /// The layer and the field's place in it.
  let table: AttributeTable
  let place: Int
  /// A field of numbers that says the same, whose numbers can be the values of the classes.
  let numbers: Int?
  /// The grounds of the choice, in sentences; none where the user named the field.
  let remarks: [String]
  /// Whether the layer has to be named, because there are several.
  let namesLayer: Bool

  /// The name of the field.
  var name: String { table.fields[place].name }

  /// Names by which a field of classes is often called, in lower case.
  private static let usual: Set<String> = [
    "class", "classname", "class_name", "klass", "klasse", "classe", "clase", "label", "landcover",
    "land_cover",
    "landuse", "land_use", "lulc", "lc", "cover", "category", "type",
  ]
  /// The most values of a field that is guessed to hold classes.
  private static let mostValues = 40

  /// Chooses the field.
  ///
  /// - Parameter wanted: the user's field; nil lets it be guessed.
  /// - Throws: `DraftFailure` listing the fields; what reading throws.
  init(in path: String, wanted: String?) throws {
    let tables = try AttributeTable.all(in: path)
    if let wanted {
      let own = tables.compactMap { table in
        (table.fields.firstIndex { $0.name == wanted }
          ?? table.fields.firstIndex { $0.name.lowercased() == wanted.lowercased() }).map { (table, $0) }
      }
      guard let (table, place) = own.first else {
        throw DraftFailure.unknownField(wanted, in: path, fields: Self.lines(tables))
      }
      self.init(
        table, place, others: own.count > 1 ? "so named in \(own.count) layers: the first is taken" : nil,
        isOnlyLayer: tables.count == 1)
      return
    }
    let suitable = tables.flatMap { table in
      table.fields.indices.filter { Self.isSuitable($0, in: table) }.map { (table: table, place: $0) }
    }
    // Of a code and its name the name is taken: it says what the class is.
    let distinct = suitable.filter { one in
      !suitable.contains { other in
        one.table.layer == other.table.layer && one.place != other.place
          && Self.saysTheSame(one.place, other.place, in: one.table)
          && Self.isBetter(other.place, one.place, in: one.table)
      }
    }
    let named = distinct.filter { Self.usual.contains($0.table.fields[$0.place].name.lowercased()) }
    guard let choice = distinct.count == 1 ? distinct.first : named.count == 1 ? named.first : nil else {
      throw DraftFailure.noField(path, fields: Self.lines(tables))
    }
    let rest = suitable.filter { $0.table.layer != choice.table.layer || $0.place != choice.place }
      .map { "'\($0.table.fields[$0.place].name)'" }
    self.init(
      choice.table, choice.place,
      others: rest.isEmpty
        ? "the only one with few values" : "\(rest.joined(separator: ", ")) would do as well",
      isOnlyLayer: tables.count == 1)
  }

  private init(_ table: AttributeTable, _ place: Int, others: String?, isOnlyLayer: Bool) {
    (self.table, self.place) = (table, place)
    remarks = others.map { [$0] } ?? []
    namesLayer = !isOnlyLayer
    numbers = table.fields[place].isNumber ? nil : Self.numbers(for: place, in: table)
  }

  /// Returns the field whose numbers can be the values of the classes that another one names; of several the
  /// one that is called after it.
  private static func numbers(for place: Int, in table: AttributeTable) -> Int? {
    let suitable = table.fields.indices.filter { other in
      other != place && table.fields[other].isNumber && saysTheSame(other, place, in: table)
        && table.rows.allSatisfy { row in row[other].map { classValue($0) != nil } ?? true }
    }
    let name = table.fields[place].name.lowercased()
    return suitable.first { table.fields[$0].name.lowercased().contains(name) } ?? suitable.first
  }

  /// Returns the value of a class that a text writes out; nil where it is none.
  static func classValue(_ text: String) -> UInt8? {
    Double(text).flatMap { $0 == $0.rounded() && (0...255).contains($0) ? UInt8($0) : nil }
  }

  /// Returns whether a field may hold classes: a few values, each of more than one feature for the most part.
  private static func isSuitable(_ place: Int, in table: AttributeTable) -> Bool {
    let field = table.fields[place]
    guard ["String", "Integer", "Integer64", "Real"].contains(field.type) else { return false }
    let values = table.rows.compactMap { $0[place] }
    let distinct = Set(values)
    guard (2...mostValues).contains(distinct.count), 2 * values.count >= table.rows.count else {
      return false
    }
    if field.isNumber && !distinct.allSatisfy({ Double($0).map { $0 == $0.rounded() } ?? false }) {
      return false
    }
    // A field that numbers the features, or names each, is none of classes.
    let isName = !field.isNumber && !distinct.contains { $0.contains(where: \.isNumber) }
    return distinct.count < values.count || values.count <= 12 && isName
  }

  /// Returns whether two fields go together one to one.
  private static func saysTheSame(_ one: Int, _ other: Int, in table: AttributeTable) -> Bool {
    var pairs: Set<[String]> = []
    for row in table.rows {
      guard let first = row[one], let second = row[other] else { continue }
      pairs.insert([first, second])
    }
    let (first, second) = (Set(pairs.map { $0[0] }), Set(pairs.map { $0[1] }))
    return !pairs.isEmpty && first.count == pairs.count && second.count == pairs.count
  }

  /// Returns whether of two fields that say the same one is better to read: text before numbers, a usual
  /// name, the first.
  private static func isBetter(_ one: Int, _ other: Int, in table: AttributeTable) -> Bool {
    func rank(_ place: Int) -> (Int, Int, Int) {
      let field = table.fields[place]
      return (field.isNumber ? 1 : 0, usual.contains(field.name.lowercased()) ? 0 : 1, place)
    }
    return rank(one) < rank(other)
  }

  /// One line for each field, with some of its values.
  private static func lines(_ tables: [AttributeTable]) -> [String] {
    tables.flatMap { table in
      table.fields.indices.map { place -> String in
        var counts: [String: Int] = [:]
        for row in table.rows { if let value = row[place] { counts[value, default: 0] += 1 } }
        let shown = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4)
          .map { "\($0.key.shortened(to: 30)): \($0.value)" }.joined(separator: ", ")
        let layer = tables.count > 1 ? "layer \(table.layer), " : ""
        return "\(layer)'\(table.fields[place].name)' has \(counts.count) values"
          + (shown.isEmpty ? "" : " (\(shown)\(counts.count > 4 ? ", ..." : ""))")
      }
    }
  }
}
