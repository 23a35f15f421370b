import Foundation
import Tensors

/// The header of a safetensors file: length (8 bytes, little-endian), then JSON; the tensors' bytes follow
/// back to back.
///
/// Reading is strict: no overlap, no hole, no trailing byte, no name twice.
struct SafetensorsHeader {
  /// The tensors by name, in the order of their bytes.
  private(set) var tensors: [(name: String, tensor: StoredTensor)] = []
  private(set) var metadata: [String: String] = [:]

  static let lengthLimit = 100_000_000
  /// The most bytes, and entries, of a header that is read: the largest networks have a few thousand tensors.
  private static let lengthRead = 16 << 20
  private static let countLimit = 1 << 16

  init(_ bytes: FileBytes) throws(CheckpointError) {
    guard bytes.count >= 8 else { throw bytes.malformed("shorter than a safetensors header") }
    let length = try bytes.integer(UInt64.self, at: 0)
    guard length <= Self.lengthLimit, 8 + Int(length) <= bytes.count else {
      throw bytes.malformed("a header of \(length) bytes is too large: not safetensors?")
    }
    let json = try bytes.copy(8..<8 + Int(length))
    // The keys are counted first: a parser's result takes some sixty times the size of the header.
    let count = Self.keyCount(of: json)
    guard count <= Self.countLimit, json.count <= Self.lengthRead else {
      throw bytes.malformed(
        "a header of \(count) entries and \(json.count) bytes; \(Self.countLimit) and \(Self.lengthRead) are the most that is read"
      )
    }
    guard let header = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
      throw bytes.malformed("the header is not a JSON object")
    }
    guard count == header.count else {
      throw bytes.malformed("the header names a tensor twice")
    }
    var entries: [Entry] = []
    for (name, value) in header {
      if name == "__metadata__" {
        guard let texts = value as? [String: String] else {
          throw bytes.malformed("the metadata is not text by name")
        }
        metadata = texts
      } else {
        entries.append(try Entry(name, value, bytes))
      }
    }
    entries.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
    try checkCover(entries, start: 8 + Int(length), bytes)
    tensors = entries.map {
      (
        $0.name,
        StoredTensor($0.element, shape: Shape($0.extents), start: 8 + Int(length) + $0.begin, of: bytes)
      )
    }
  }

  /// Checks that the tensors fill the rest of the file, one after the other.
  private func checkCover(_ entries: [Entry], start: Int, _ bytes: FileBytes) throws(CheckpointError) {
    let available = bytes.count - start
    var place = 0
    for entry in entries {
      guard entry.begin == place else {
        throw bytes.malformed("tensor '\(entry.name)' overlaps another or leaves a hole")
      }
      place = entry.end
      // The check subtracts and does not add: an end can be as large as an integer can be.
      guard place <= available else {
        throw bytes.malformed(
          "tensor '\(entry.name)' ends \(place - available) bytes after the end of the file")
      }
    }
    guard place == available else {
      throw bytes.malformed("\(available - place) bytes follow the last tensor")
    }
  }

  /// Returns the number of keys of the outermost object of sound JSON; the parser keeps one of two equal keys
  /// without a word.
  private static func keyCount(of json: Data) -> Int {
    var (depth, count, isInString, isEscaped) = (0, 0, false, false)
    for byte in json.withUnsafeBytes(Array.init) {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ":") where depth == 1: count += 1
      default: break
      }
    }
    return count
  }

  /// The header's entry for one tensor.
  private struct Entry {
    let name: String
    let element: ElementType
    let extents: [Int]
    let begin, end: Int

    init(_ name: String, _ value: Any, _ bytes: FileBytes) throws(CheckpointError) {
      guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
        let extents = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int],
        offsets.count == 2
      else {
        throw bytes.malformed("tensor '\(name)' lacks dtype, shape or data_offsets")
      }
      guard let element = ElementType(rawValue: type) else {
        throw bytes.malformed("tensor '\(name)' has the unknown type \(type)")
      }
      (self.name, self.element, self.extents, begin, end) = (name, element, extents, offsets[0], offsets[1])
      let count = try StoredTensor.elementCount(extents, of: name, in: bytes)
      let (bits, overflow) = count.multipliedReportingOverflow(by: element.bits)
      guard !overflow else {
        throw bytes.malformed("tensor '\(name)' has an impossible shape \(extents)")
      }
      guard begin >= 0, end >= begin, bits.isMultiple(of: 8), end - begin == bits / 8 else {
        throw bytes.malformed(
          "tensor '\(name)' of shape \(extents) does not fill bytes \(begin) to \(end)")
      }
    }
  }
}
