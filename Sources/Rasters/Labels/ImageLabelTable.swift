import Foundation
import Host

/// The labels of whole images, as a table has them: the path of an image and a label a row.
package struct ImageLabelTable: Sendable {
  /// A row of the table.
  package struct Row: Sendable, Hashable {
    /// The row's number, from 1: the line of a CSV, where the header is the first, else the feature.
    package let number: Int
    /// The image's path, as it is written.
    package let path: String
    /// The labels, as they are written; none where the cell is empty.
    package let labels: [String]
  }

  /// The rows in the order of the file.
  package let rows: [Row]

  /// Names of the column of paths, in any case of letters; the first that a table has counts.
  package static let pathColumns = ["path", "file", "image", "filename"]

  /// Returns whether a file of this name is read as a table.
  package static func isTable(_ name: String) -> Bool {
    isText(name) || LabelSource(path: name).isVector
  }

  private static func isText(_ name: String) -> Bool {
    URL(fileURLWithPath: name).pathExtension.lowercased() == "csv"
  }

  /// Bytes of the largest CSV that is read.
  private static let largestText = 256 << 20

  /// Reads a table: a CSV whose first row names its columns, or a layer of a vector file, whose features need
  /// no geometry.
  ///
  /// - Parameters:
  ///   - field: the column of labels; without it the column `class`, else the only one beside that of paths.
  ///   - layer: the layer of a vector file that has several.
  /// - Throws: `badField` listing the columns; `unreadable` naming the row; what opening a file throws.
  package init(path: String, field: String? = nil, layer: String? = nil) throws(RasterError) {
    rows =
      Self.isText(path)
      ? try Self.rows(ofText: path, field: field) : try Self.rows(ofLayer: layer, in: path, field: field)
  }

  private static func rows(ofText path: String, field: String?) throws(RasterError) -> [Row] {
    let attempted = "read the table of labels"
    let file = try InputPath.checkedFile(path, to: attempted)
    let data: Data
    do throws(SystemError) { data = try RegularFile.contents(of: file, limit: largestText) } catch {
      throw RasterError(error, attempted)
    }
    func fault(_ line: Int, _ reason: String) -> RasterError {
      RasterError(.unreadable, attempted, path: path, cause: "row \(line): \(reason)")
    }
    let table: [CommaSeparatedValues.Row]
    do throws(CommaSeparatedValues.Fault) { table = try CommaSeparatedValues.rows(of: data) } catch {
      throw fault(error.line, error.reason)
    }
    guard let header = table.first else {
      throw RasterError(.noLabels, attempted, path: path, cause: "it is empty")
    }
    let columns = try Columns(among: header.cells.map(\.trimmed), field: field, path: path)
    var rows: [Row] = []
    rows.reserveCapacity(table.count)
    for row in table.dropFirst() {
      guard row.cells.count == header.cells.count else {
        throw fault(row.line, "\(row.cells.count) cells where the first row has \(header.cells.count)")
      }
      rows.append(
        Row(number: row.line, path: row.cells[columns.path].trimmed, label: row.cells[columns.label]))
    }
    return rows
  }

  private static func rows(
    ofLayer name: String?, in path: String, field: String?
  ) throws(RasterError) -> [Row] {
    try GDALLibrary.load()
    let layer = try VectorFile(path: path).layer(named: name, needsGeometry: false)
    let fields = layer.fields
    let columns = try Columns(among: fields.map(\.name), field: field, path: path)
    var rows: [Row] = []
    try layer.forEachFeature([fields[columns.path], fields[columns.label]]) { values, _ in
      rows.append(
        Row(
          number: rows.count + 1, path: values[0]?.text.trimmed ?? "", label: values[1]?.text ?? ""))
    }
    return rows
  }

  /// The columns of a table that hold paths and labels.
  private struct Columns {
    let path: Int
    let label: Int

    init(among names: [String], field: String?, path file: String) throws(RasterError) {
      func place(_ name: String) -> Int? {
        names.firstIndex(of: name) ?? names.firstIndex { $0.lowercased() == name.lowercased() }
      }
      func missing(_ what: String) -> RasterError {
        RasterError(
          .badField, "find \(what)", path: file,
          cause: names.isEmpty ? "it has no columns" : "its columns are \(names.joined(separator: ", "))")
      }
      guard let path = ImageLabelTable.pathColumns.lazy.compactMap(place).first else {
        throw missing("a column of paths (\(ImageLabelTable.pathColumns.joined(separator: ", ")))")
      }
      self.path = path
      let others = names.indices.filter { $0 != path }
      if let field {
        guard let label = place(field) else { throw missing("the column '\(field)'") }
        self.label = label
      } else {
        guard let label = place("class") ?? (others.count == 1 ? others[0] : nil) else {
          throw missing("the column of labels ('field' names it)")
        }
        self.label = label
      }
    }
  }
}

extension ImageLabelTable.Row {
  /// Creates a row whose cell of labels holds one, or several with ';' between them.
  fileprivate init(number: Int, path: String, label: String) {
    (self.number, self.path) = (number, path)
    labels = label.split(separator: ";").map { String($0).trimmed }.filter { !$0.isEmpty }
  }
}
