import Settings

/// Rows of one kind, such as a row a class; a cell that is not known is left out.
public struct FindingTable: Sendable, Hashable {
  /// The content of one column.
  public struct Column: Sendable, Hashable {
    /// The name of its cells, in kebab-case.
    public let key: String
    /// The unit of its numbers; nil for numbers without one, and for texts.
    public let unit: String?

    /// Creates a column.
    public init(_ key: String, unit: String? = nil) { (self.key, self.unit) = (key, unit) }
  }

  /// The columns in their order; the first ones say what a row is about.
  public let columns: [Column]
  /// The cells of each row by the keys of their columns: texts and finite numbers.
  public let rows: [[String: JSONValue]]

  /// Creates a table.
  ///
  /// - Parameter rows: the cells of each row in the order of the columns; what is nil, null or not finite is
  ///   not known.
  public init(_ columns: [Column], _ rows: [[JSONValue?]]) {
    self.columns = columns
    self.rows = rows.map { cells in
      precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
      let known = zip(columns, cells).compactMap { column, cell -> (String, JSONValue)? in
        guard let cell, cell != .null, cell.double?.isFinite != false else { return nil }
        return (column.key, cell)
      }
      return Dictionary(uniqueKeysWithValues: known)
    }
  }

  /// Returns the row whose cell under a column is a text; nil where none is.
  public func row(where column: String, is text: String) -> [String: JSONValue]? {
    rows.first { $0[column]?.text == text }
  }

  /// `columns` and `rows`.
  var json: JSONValue {
    let columns = columns.map { column in
      var members: [String: JSONValue] = ["key": .string(column.key)]
      members["unit"] = column.unit.map(JSONValue.string)
      return JSONValue.object(members)
    }
    return ["columns": .array(columns), "rows": .array(rows.map(JSONValue.object))]
  }

  /// Reads a table from JSON; nil for JSON that is no table.
  init?(_ json: JSONValue) {
    guard case .array(let columns)? = json["columns"], case .array(let rows)? = json["rows"] else {
      return nil
    }
    self.columns = columns.compactMap { column in
      column["key"]?.text.map { Column($0, unit: column["unit"]?.text) }
    }
    self.rows = rows.compactMap(\.members)
    guard self.columns.count == columns.count, self.rows.count == rows.count else { return nil }
  }
}
