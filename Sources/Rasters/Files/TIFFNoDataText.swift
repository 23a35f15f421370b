import Foundation

/// Texts of a TIFF's first directory, read without GDAL: that of the no-data tag (42113, GDAL_NODATA) first of
/// all.
///
/// GDAL 3.6 reads the tag of 64-bit integers digit by digit until one is none: "nan" becomes 0, and "-9999"
/// of unsigned numbers 18,446,744,073,709,541,617. Of Float32 it gives the nearest number, which is infinity
/// for 1e40 and 0 for 1e-50. So the text itself is read for these types.
enum TIFFNoDataText {
  private static let tag = 42_113
  /// Entries of a directory that are looked at; libtiff reads no more.
  private static let mostEntries = 4_096

  /// Nil where the file is no TIFF, has no such tag in its first directory, or ends before it.
  static func read(from path: String) -> String? {
    guard let text = texts(of: tag, longest: 64, from: path).first else { return nil }
    return text.map { String($0.unicodeScalars.prefix { $0 != "\0" }) }
  }

  /// The texts of a tag in the first directory, which a damaged file has several times; nil stands for one
  /// that is longer than `longest` or lies outside of the file.
  static func texts(of tag: Int, longest: Int, from path: String) -> [String?] {
    guard let file = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? file.close() }
    guard let head = bytes(16, at: 0, of: file) else { return [] }
    let isLittle = head[0] == 0x49
    guard head[0] == head[1], isLittle || head[0] == 0x4D else { return [] }
    func number(_ bytes: some Collection<UInt8>) -> Int? {
      let ordered = isLittle ? Array(bytes.reversed()) : Array(bytes)
      return Int(exactly: ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    let version = number(head[2..<4])
    guard version == 42 || version == 43 else { return [] }
    let isBig = version == 43
    let (word, entrySize) = isBig ? (8, 20) : (4, 12)
    guard let directory = number(isBig ? head[8..<16] : head[4..<8]),
      let countBytes = bytes(isBig ? 8 : 2, at: directory, of: file), let count = number(countBytes),
      count <= mostEntries,
      let entries = bytes(count * entrySize, at: directory + countBytes.count, of: file)
    else { return [] }
    let starts = stride(from: 0, to: entries.count, by: entrySize)
    return starts.filter { number(entries[$0..<$0 + 2]) == tag }.map { start in
      guard let length = number(entries[start + 4..<start + 4 + word]), length <= longest else { return nil }
      let place = entries[start + 4 + word..<start + 4 + 2 * word]
      let text =
        length <= word
        ? Array(place.prefix(length)) : number(place).flatMap { bytes(length, at: $0, of: file) }
      return text.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private static func bytes(_ count: Int, at offset: Int, of file: FileHandle) -> [UInt8]? {
    guard count > 0, (try? file.seek(toOffset: UInt64(offset))) != nil,
      let data = try? file.read(upToCount: count), data.count == count
    else { return nil }
    return [UInt8](data)
  }
}
