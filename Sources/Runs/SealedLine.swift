import Foundation

/// JSON records of one line that show whether they still say what was written.
///
/// A record `{...}` is written as `{"check":"<16 digits>",...}`: the first 16 hexadecimal digits of the
/// SHA-256 of the record without its check. That is no signature; it tells a record that a disk, a crash or
/// an editor has changed.
enum SealedLine {
  private static let opening = Array(#"{"check":""#.utf8)
  private static let digits = 16

  /// Returns the record, a JSON object with at least one member, with its check.
  static func seal(_ record: Data) -> Data {
    Data(opening) + Data(check(of: record).utf8) + Data("\",".utf8) + record.dropFirst()
  }

  /// Returns the record of a line; nil where it is not what was written. A line without a check, as terrane
  /// 0.1 wrote it, is taken where `isOldTaken`.
  package static func open(_ line: Data, isOldTaken: Bool) -> Data? {
    guard line.starts(with: opening) else { return isOldTaken ? line : nil }
    let body = line.dropFirst(opening.count)
    guard body.count > digits + 2 else { return nil }
    let record = Data("{".utf8) + body.dropFirst(digits + 2)
    return Data(body.prefix(digits)) == Data(check(of: record).utf8) ? record : nil
  }

  private static func check(of record: Data) -> String {
    let hash = SHA256()
    record.withUnsafeBytes { hash.update($0) }
    return String(hash.hexadecimal().prefix(digits))
  }
}
