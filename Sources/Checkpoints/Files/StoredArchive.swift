/// A zip archive, as `torch.save` writes it, whose members lie in it uncompressed.
///
/// The central directory says where members are; sizes in their own headers are often 0. Check sums are
/// passed over: PyTorch can be told to write wrong ones. Nothing is unpacked.
struct StoredArchive {
  /// The bytes of each member in the file, by name.
  private(set) var members: [String: Range<Int>] = [:]
  /// The names of members that are compressed.
  private(set) var compressed: Set<String> = []

  /// The first four bytes of an archive, and of one without members.
  static let signatures = [memberSignature, endSignature]
  private static let endSignature: UInt32 = 0x0605_4b50
  private static let wideEndSignature: UInt32 = 0x0606_4b50
  private static let locatorSignature: UInt32 = 0x0706_4b50
  private static let entrySignature: UInt32 = 0x0201_4b50
  private static let memberSignature: UInt32 = 0x0403_4b50

  /// Reads the directory of an archive.
  ///
  /// - Throws: ``CheckpointError`` `malformed` that names the member.
  init(_ bytes: FileBytes) throws(CheckpointError) {
    let directory = try Self.directory(bytes)
    var place = directory.place
    for _ in 0..<directory.entries {
      guard try bytes.integer(UInt32.self, at: place) == Self.entrySignature else {
        throw bytes.malformed("the archive's directory is damaged at byte \(place)")
      }
      let nameLength = Int(try bytes.integer(UInt16.self, at: place + 28))
      let extraLength = Int(try bytes.integer(UInt16.self, at: place + 30))
      let commentLength = Int(try bytes.integer(UInt16.self, at: place + 32))
      let name = try bytes.text(at: place + 46, count: nameLength)
      let extra = place + 46 + nameLength..<place + 46 + nameLength + extraLength
      guard members[name] == nil, !compressed.contains(name) else {
        throw bytes.malformed("the archive holds '\(name)' twice")
      }
      if try bytes.integer(UInt16.self, at: place + 10) == 0 {
        members[name] = try Self.member(ofEntry: place, named: name, extra: extra, bytes)
      } else {
        compressed.insert(name)
      }
      place = extra.upperBound + commentLength
    }
  }

  /// Finds the directory and its number of entries: from the end of the file, behind a comment of up to 64
  /// KiB.
  private static func directory(
    _ bytes: FileBytes
  ) throws(CheckpointError) -> (place: Int, entries: Int) {
    let last = bytes.count - 22
    var end = last
    while end >= 0, end >= last - 65_535, try bytes.integer(UInt32.self, at: end) != endSignature { end -= 1 }
    guard end >= 0, end >= last - 65_535 else {
      throw bytes.malformed("the archive has no directory: was the file cut off?")
    }
    var entries = UInt64(try bytes.integer(UInt16.self, at: end + 10))
    var place = UInt64(try bytes.integer(UInt32.self, at: end + 16))
    if end >= 20, try bytes.integer(UInt32.self, at: end - 20) == locatorSignature {
      let wideEnd = try bytes.place(try bytes.integer(UInt64.self, at: end - 12))
      guard try bytes.integer(UInt32.self, at: wideEnd) == wideEndSignature else {
        throw bytes.malformed("the archive's 64-bit directory is damaged")
      }
      entries = try bytes.integer(UInt64.self, at: wideEnd + 32)
      place = try bytes.integer(UInt64.self, at: wideEnd + 48)
    }
    guard entries <= UInt64(bytes.count / 46) else {
      throw bytes.malformed("the archive's directory of \(entries) members does not fit the file")
    }
    return (try bytes.place(place), Int(entries))
  }

  /// Returns the bytes of the member that the directory's entry at `place` describes.
  private static func member(
    ofEntry place: Int, named name: String, extra: Range<Int>, _ bytes: FileBytes
  ) throws(CheckpointError) -> Range<Int> {
    guard try bytes.integer(UInt16.self, at: place + 8) & 1 == 0 else {
      throw bytes.malformed("member '\(name)' is encrypted")
    }
    var packed = UInt64(try bytes.integer(UInt32.self, at: place + 20))
    var size = UInt64(try bytes.integer(UInt32.self, at: place + 24))
    var header = UInt64(try bytes.integer(UInt32.self, at: place + 42))
    var wide = try wideFields(extra, bytes)
    func widen(_ number: inout UInt64) throws(CheckpointError) {
      guard number == 0xFFFF_FFFF else { return }
      guard wide.count >= 8 else { throw bytes.malformed("member '\(name)' lacks its 64-bit size or place") }
      number = try bytes.integer(UInt64.self, at: wide.lowerBound)
      wide = wide.dropFirst(8)
    }
    try widen(&size)
    try widen(&packed)
    try widen(&header)
    let local = try bytes.place(header)
    guard size == packed, try bytes.integer(UInt32.self, at: local) == memberSignature else {
      throw bytes.malformed("the header of member '\(name)' is damaged")
    }
    let nameLength = Int(try bytes.integer(UInt16.self, at: local + 26))
    let begin = local + 30 + nameLength + Int(try bytes.integer(UInt16.self, at: local + 28))
    guard begin <= bytes.count, size <= UInt64(bytes.count - begin) else {
      throw bytes.malformed("member '\(name)' of \(size) bytes does not fit the file")
    }
    return begin..<begin + Int(size)
  }

  /// Returns the content of the extra field 1: those of size, packed size and place, in this order, that 32
  /// bits cannot hold.
  private static func wideFields(
    _ extra: Range<Int>, _ bytes: FileBytes
  ) throws(CheckpointError) -> Range<Int> {
    var field = extra.lowerBound
    while field + 4 <= extra.upperBound {
      let content = field + 4
      let end = content + Int(try bytes.integer(UInt16.self, at: field + 2))
      if try bytes.integer(UInt16.self, at: field) == 1 { return content..<min(end, extra.upperBound) }
      field = end
    }
    return extra.upperBound..<extra.upperBound
  }
}
