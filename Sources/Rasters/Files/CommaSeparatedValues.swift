import Foundation

/// Tables as text, a line a row and commas between the cells (RFC 4180).
package enum CommaSeparatedValues {
  /// A row and where it stands.
  package struct Row: Sendable, Hashable {
    /// The line of the file that the row begins in, from 1.
    package let line: Int
    /// The cells, without their quotes.
    package let cells: [String]
  }

  /// The reason why a text is no such table.
  package struct Fault: Error, Hashable {
    /// The line that the fault is in, from 1.
    package let line: Int
    /// The reason why the text is refused.
    package let reason: String
  }

  /// Returns the rows of a text in UTF-8, empty lines left out; a byte order mark and line ends of any kind
  /// are no part of them.
  ///
  /// - Throws: `Fault` for what is no UTF-8, a quote that is not closed, and text behind a closing quote.
  package static func rows(of text: Data) throws(Fault) -> [Row] {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var parser = Parser(bytes: Array(text.starts(with: mark) ? text.dropFirst(mark.count) : text))
    return try parser.rows()
  }

  /// Returns a row as text with its line's end; cells are quoted where they hold a comma, a quote or a line's
  /// end.
  package static func line(of cells: [String]) -> String {
    let special = Set(",\"\r\n".utf8)
    return cells.map { cell in
      cell.utf8.contains(where: special.contains) ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }.joined(separator: ",") + "\r\n"
  }

  private struct Parser {
    let bytes: [UInt8]
    private var place = 0
    private var line = 1

    init(bytes: [UInt8]) { self.bytes = bytes }

    private static let (quote, comma) = (UInt8(ascii: "\""), UInt8(ascii: ","))
    private static let (newLine, carriage) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

    mutating func rows() throws(Fault) -> [Row] {
      var rows: [Row] = []
      while place < bytes.count {
        let row = try row()
        if row.cells != [""] { rows.append(row) }
      }
      return rows
    }

    private mutating func row() throws(Fault) -> Row {
      let first = line
      var cells = [try cell()]
      while place < bytes.count, bytes[place] == Self.comma {
        place += 1
        cells.append(try cell())
      }
      if place < bytes.count, bytes[place] == Self.carriage { place += 1 }
      if place < bytes.count, bytes[place] == Self.newLine { place += 1 }
      line += 1
      return Row(line: first, cells: cells)
    }

    /// Reads up to the comma or the line's end.
    private mutating func cell() throws(Fault) -> String {
      let start = line
      var cell: [UInt8] = []
      if place < bytes.count, bytes[place] == Self.quote {
        place += 1
        while true {
          guard place < bytes.count else {
            throw Fault(line: start, reason: "a quote is not closed")
          }
          let byte = bytes[place]
          place += 1
          if byte == Self.quote {
            guard place < bytes.count, bytes[place] == Self.quote else { break }
            place += 1
          }
          if byte == Self.newLine { line += 1 }
          cell.append(byte)
        }
        guard place == bytes.count || isEnd(bytes[place]) else {
          throw Fault(line: line, reason: "text follows a closing quote")
        }
      } else {
        let end = bytes[place...].firstIndex(where: isEnd) ?? bytes.count
        cell = Array(bytes[place..<end])
        place = end
      }
      guard let text = String(validating: cell, as: UTF8.self) else {
        throw Fault(line: start, reason: "it is not UTF-8 text")
      }
      return text
    }

    private func isEnd(_ byte: UInt8) -> Bool {
      byte == Self.comma || byte == Self.newLine || byte == Self.carriage
    }
  }
}
