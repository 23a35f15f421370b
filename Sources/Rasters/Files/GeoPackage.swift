import CGDAL
import Foundation
import Host

/// A GeoPackage, looked through with SQLite before GDAL sees it, and never written to.
///
/// A database can hold more than tables: views that compute without end, virtual tables that read other
/// files, systems that name files. What the layers need must be plain tables. A file in the middle of
/// SQLite's own work is read through a copy, because SQLite would write beside it.
final class GeoPackage {
  /// The file that is given to GDAL: the GeoPackage itself, or a copy of it and of what belongs to it.
  let readable: String
  /// Tables that are no layers, by name, with what they are instead: a view, or a table with computed
  /// columns.
  private(set) var computed: [String: String] = [:]
  private let copy: URL?

  /// Steps of SQLite's machine after which looking through a file is given up: some seconds.
  private static let mostSteps = 50_000_000

  /// - Throws: `unsupported` where the file holds what is not opened, or an unfinished transaction; `noCRS`
  ///   where a system names a file; `unreadable`, `inputOutput`.
  package init(path: String) throws(RasterError) {
    GDALLibrary.start()
    let file = try InputPath.checkedFile(path, to: "open the vector file")
    try InputFiles.checkParts(of: file, to: "open the vector file")
    if Self.hasHotJournal(file) {
      throw RasterError(
        .unsupported, "open the vector file", path: path,
        cause:
          "a transaction was not finished ('\(file)-journal'); open it once with the program that wrote it")
    }
    copy = try Self.size(of: file + "-wal") > 0 ? Self.copied(file, named: path) : nil
    readable = copy?.appendingPathComponent("labels.gpkg").path ?? file
    do {
      let database = try Database(readable, isOwn: copy != nil, path: path)
      // What was pending goes into the copy, which then is one plain file.
      if copy != nil { try database.run("PRAGMA wal_checkpoint(TRUNCATE)") { _ in } }
      try look(through: database, path)
    } catch {
      if let copy { try? FileManager.default.removeItem(at: copy) }
      throw error
    }
  }

  deinit { if let copy { try? FileManager.default.removeItem(at: copy) } }

  /// Returns the files beside a GeoPackage that hold a part of its content.
  static func pending(of path: String) -> [String] {
    guard path.lowercased().hasSuffix(".gpkg") else { return [] }
    let file = URL(fileURLWithPath: path).path
    return ["-wal", "-journal"].map { file + $0 }.filter { size(of: $0) > 0 }
  }

  private static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Returns whether a journal holds what must be undone first. Undoing it is left to the program that wrote
  /// it: a journal may name further files.
  private static func hasHotJournal(_ path: String) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { head in
      guard let count = try? RegularFile(path + "-journal").read(into: head), count == 8 else { return false }
      return head.elementsEqual([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7])
    }
  }

  /// Copies a GeoPackage and its write-ahead log.
  private static func copied(_ file: String, named path: String) throws(RasterError) -> URL {
    let place = FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-gpkg-\(UUID().uuidString)")
    let parts = [("", "labels.gpkg"), ("-wal", "labels.gpkg-wal")]
    func states() -> [Int] {
      parts.flatMap { part -> [Int] in
        var status = stat()
        _ = stat(file + part.0, &status)
        return [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
      }
    }
    do {
      try FileManager.default.createDirectory(
        at: place, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      let before = states()
      for (suffix, name) in parts {
        _ = try InputPath.checkedFile(file + suffix, to: "open the vector file")
        let copy = place.appendingPathComponent(name)
        try FileManager.default.copyItem(
          at: URL(fileURLWithPath: file + suffix).resolvingSymlinksInPath(), to: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy.path)
      }
      guard states() == before else {
        throw RasterError(
          .inputOutput, "open the vector file", path: path, cause: "it is being written; try again later")
      }
      return place
    } catch {
      try? FileManager.default.removeItem(at: place)
      throw (error as? RasterError)
        ?? RasterError(
          .inputOutput, "copy the vector file", path: path,
          cause: SystemError(foundation: error)?.description ?? "\(error)")
    }
  }

  /// Refuses what is no plain data, and notes the layers that are none.
  private func look(through database: Database, _ path: String) throws(RasterError) {
    func refuse(_ cause: String) -> RasterError {
      RasterError(.unsupported, "open the vector file", path: path, cause: cause)
    }
    var tables: [(name: String, kind: String)] = []
    try database.run("SELECT name, type FROM pragma_table_list WHERE schema = 'main'") {
      tables.append(($0[0], $0[1]))
    }
    for (name, kind) in tables {
      let isOfFormat = name.lowercased().hasPrefix("gpkg_")
      if kind == "virtual" {
        // Indexes of space and of texts are virtual tables over tables of the same file.
        var statement = ""
        try database.run("SELECT sql FROM sqlite_master WHERE name = ?", [name]) { statement = $0[0] }
        guard
          statement.contains(
            /(?i)^create\s+virtual\s+table\s+("(?:[^"]|"")*"|[^\s"]+)\s+using\s+"?(?:rtree|fts[345])"?\s*\(/)
        else {
          throw refuse("its table '\(name)' is virtual: it can read from elsewhere")
        }
        computed[name.lowercased()] = "is an index"
        continue
      }
      var isPlain = kind == "table" || kind == "shadow"
      if isPlain {
        try database.run("SELECT name FROM pragma_table_xinfo(?) WHERE hidden IN (2, 3)", [name]) { _ in
          isPlain = false
        }
      }
      if isPlain { continue }
      guard !isOfFormat else { throw refuse("its table '\(name)' is computed") }
      computed[name.lowercased()] = kind == "view" ? "is a view" : "has computed columns"
    }
    try checkSystems(of: database, tables: Set(tables.map { $0.name.lowercased() }), path)
  }

  /// Refuses systems that lead elsewhere; those that no layer uses are not read.
  private func checkSystems(
    of database: Database, tables: Set<String>, _ path: String
  ) throws(RasterError) {
    guard tables.contains("gpkg_spatial_ref_sys") else { return }
    let users = ["gpkg_geometry_columns", "gpkg_contents"].filter(tables.contains)
    guard !users.isEmpty else { return }
    let used = users.map { "SELECT srs_id FROM \($0)" }.joined(separator: " UNION ALL ")
    // GDAL makes 32 bits of what is no such number, so that it may mean any row.
    let condition =
      "CAST(srs_id AS INTEGER) IN (SELECT CAST(srs_id AS INTEGER) FROM (\(used))) OR EXISTS (SELECT 1 FROM (\(used)) "
      + "WHERE typeof(srs_id) NOT IN ('integer', 'null') OR srs_id NOT BETWEEN -2147483648 AND 2147483647)"
    var columns: [String] = []
    try database.run("SELECT name FROM pragma_table_xinfo('gpkg_spatial_ref_sys')") { columns.append($0[0]) }
    for column in columns where column.lowercased().hasPrefix("definition") {
      let quoted = "\"" + column.replacing("\"", with: "\"\"") + "\""
      var definitions: [String] = []
      try database.run("SELECT \(quoted) FROM gpkg_spatial_ref_sys WHERE \(condition)") {
        definitions.append($0[0])
      }
      for definition in definitions {
        guard let refusal = CRSDefinition.refusal(of: definition) else { continue }
        throw RasterError(
          .noCRS, "read the coordinate reference systems", path: path, cause: "one is refused: \(refusal)")
      }
    }
  }

  /// A connection to a database that is not written to, unless it is a copy of our own.
  private final class Database {
    private var handle: OpaquePointer?
    private let path: String

    package init(_ file: String, isOwn: Bool, path: String) throws(RasterError) {
      self.path = path
      let flags = isOwn ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
      let address = isOwn ? file : "file:" + Self.escaped(file) + "?immutable=1"
      guard sqlite3_open_v2(address, &handle, flags | SQLITE_OPEN_URI, nil) == SQLITE_OK else {
        throw failure
      }
      sqlite3_progress_handler(
        handle, 1000,
        { state in
          let steps = state!.assumingMemoryBound(to: Int.self)
          steps.pointee += 1000
          return steps.pointee > GeoPackage.mostSteps ? 1 : 0
        }, counter)
      try run("PRAGMA trusted_schema = OFF") { _ in }
    }

    /// The number of steps taken; C holds on to it as long as the connection is open.
    private let counter: UnsafeMutablePointer<Int> = {
      let counter = UnsafeMutablePointer<Int>.allocate(capacity: 1)
      counter.initialize(to: 0)
      return counter
    }()

    deinit {
      sqlite3_close_v2(handle)
      counter.deallocate()
    }

    private static func escaped(_ file: String) -> String {
      file.utf8.map { byte in
        let isPlain =
          byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
          || (byte < 128
            && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber))
        return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
    }

    private var failure: RasterError {
      let cause = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "no database"
      return RasterError(.unreadable, "open the vector file", path: path, cause: cause)
    }

    /// Runs a statement and hands over each row as texts.
    package func run(_ statement: String, _ values: [String] = [], _ row: ([String]) -> Void)
      throws(RasterError)
    {
      var prepared: OpaquePointer?
      guard sqlite3_prepare_v2(handle, statement, -1, &prepared, nil) == SQLITE_OK else { throw failure }
      defer { sqlite3_finalize(prepared) }
      for (index, value) in values.enumerated() {
        // SQLite copies the text: -1 stands for SQLITE_TRANSIENT.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        sqlite3_bind_text(prepared, Int32(index + 1), value, -1, transient)
      }
      while true {
        switch sqlite3_step(prepared) {
        case SQLITE_ROW:
          row(
            (0..<sqlite3_column_count(prepared)).map { column in
              sqlite3_column_text(prepared, column).map { String(cString: $0) } ?? ""
            })
        case SQLITE_DONE: return
        case SQLITE_INTERRUPT:
          throw RasterError(
            .tooLarge, "open the vector file", path: path, cause: "its tables take too long to look through")
        default: throw failure
        }
      }
    }
  }
}
