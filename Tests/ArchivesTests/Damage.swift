import CArchive
import Foundation

/// Changes bytes of archives, and writes those that no writer writes.
enum Damage {
  /// The same numbers for the same seed (SplitMix64).
  struct Numbers {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((z ^ (z >> 31)) % UInt64(bound))
    }
  }

  /// Returns a number as four bytes, the lowest first.
  static func bytes(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static func change(_ path: String, _ body: (inout [UInt8]) throws -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    try body(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// Puts other bytes in the place of some, wherever they stand.
  static func replace(_ old: [UInt8], by new: [UInt8], in path: String) throws {
    try change(path) { bytes in
      for place in places(of: old, in: bytes) { bytes.replaceSubrange(place..<place + old.count, with: new) }
    }
  }

  private static func places(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
    (0...max(0, bytes.count - pattern.count)).filter { bytes[$0...].starts(with: pattern) }
  }

  /// Sets a field of the local header and of the directory's record, at places from their signatures on, of
  /// the first member or of all.
  static func setZipField(
    in path: String, local: (Int, [UInt8]), central: (Int, [UInt8]), all: Bool = false
  ) throws {
    try change(path) { bytes in
      for (signature, (place, value)) in [([0x50, 0x4B, 3, 4], local), ([0x50, 0x4B, 1, 2], central)] {
        let found = places(of: signature.map { UInt8($0) }, in: bytes)
        for start in all ? found : Array(found.prefix(1)) {
          bytes.replaceSubrange(start + place..<start + place + value.count, with: value)
        }
      }
    }
  }

  /// Sets bytes of the record at the end of a zip file, at a place from its signature on.
  static func setZipEnd(in path: String, at place: Int, to value: [UInt8]) throws {
    try change(path) { bytes in
      let start = places(of: [0x50, 0x4B, 5, 6], in: bytes).last!
      bytes.replaceSubrange(start + place..<start + place + value.count, with: value)
    }
  }

  /// Returns the header of a plain file as ustar has it.
  static func tarHeader(_ name: String, size: Int) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
      header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
    }
    put(name, at: 0)
    put("0000644\0", at: 100)
    let octal = String(size, radix: 8)
    put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
    put("0", at: 156)
    put("ustar\u{0}00", at: 257)
    put("        ", at: 148)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
    return header
  }

  /// Writes bytes in gzip.
  static func gzip(_ bytes: [UInt8], to path: String) throws {
    let archive = archive_write_new()!
    defer { archive_write_free(archive) }
    archive_write_set_format_raw(archive)
    archive_write_add_filter_gzip(archive)
    archive_write_open_filename(archive, path)
    let entry = archive_entry_new()!
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, "raw")
    archive_entry_set_filetype(entry, S_IFREG)
    archive_write_header(archive, entry)
    bytes.withUnsafeBytes { _ = archive_write_data(archive, $0.baseAddress, $0.count) }
    archive_write_close(archive)
  }
}
