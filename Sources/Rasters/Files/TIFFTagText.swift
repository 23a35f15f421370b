import Foundation
import Host

/// The texts of a tag in a TIFF's first directory, read without GDAL.
enum TIFFTagText {
  /// The tag GDAL_NODATA.
  private static let noData = 42_113
  /// The tag of a GeoTIFF that holds all texts of its keys.
  private static let geoAsciiParams = 34_737
  /// Entries of a directory that are looked at; libtiff reads no more.
  private static let mostEntries = 4_096

  /// Returns the text of the no-data tag; nil where the file is no TIFF, has no such tag in its first
  /// directory, or ends before it.
  ///
  /// GDAL 3.6 reads the tag of 64-bit integers digit by digit until one is none: "nan" becomes 0, and "-9999"
  /// of unsigned numbers 18,446,744,073,709,541,617. Of Float32 it gives the nearest number, which is
  /// infinity for 1e40 and 0 for 1e-50. So the text itself is read for these types.
  package static func noData(of file: borrowing RegularFile) throws(SystemError) -> String? {
    guard let text = try texts(of: noData, longest: 64, from: file).first else { return nil }
    return text.map { String($0.unicodeScalars.prefix { $0 != "\0" }) }
  }

  /// Returns the texts of a GeoTIFF's keys; nil stands for texts that are longer than `longest` or lie
  /// outside of the file.
  package static func keys(of file: borrowing RegularFile, longest: Int) throws(SystemError) -> [String?] {
    try texts(of: geoAsciiParams, longest: longest, from: file)
  }

  /// Returns the texts of a tag, which a damaged file has several times.
  private static func texts(
    of tag: Int, longest: Int, from file: borrowing RegularFile
  ) throws(SystemError) -> [String?] {
    guard let head = try bytes(16, at: 0, of: file) else { return [] }
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
      let countBytes = try bytes(isBig ? 8 : 2, at: directory, of: file), let count = number(countBytes),
      count <= mostEntries,
      let entries = try bytes(count * entrySize, at: directory + countBytes.count, of: file)
    else { return [] }
    var texts: [String?] = []
    for start in stride(from: 0, to: entries.count, by: entrySize)
    where number(entries[start..<start + 2]) == tag {
      let place = entries[start + 4 + word..<start + 4 + 2 * word]
      var text: [UInt8]?
      if let length = number(entries[start + 4..<start + 4 + word]), length <= longest {
        if length <= word {
          text = Array(place.prefix(length))
        } else if let offset = number(place) {
          text = try bytes(length, at: offset, of: file)
        }
      }
      texts.append(text.map { String(decoding: $0, as: UTF8.self) })
    }
    return texts
  }

  /// Reads some bytes of the file; nil where it ends before.
  private static func bytes(
    _ count: Int, at offset: Int, of file: borrowing RegularFile
  ) throws(SystemError) -> [UInt8]? {
    guard count > 0, offset <= file.size - count else { return nil }
    let data = try file.read(count, at: offset)
    return data.count == count ? [UInt8](data) : nil
  }
}
