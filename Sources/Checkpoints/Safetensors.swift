import Foundation
import Tensors

/// Named Float32 tensors and text metadata in the safetensors format.
///
/// The format: header length (8 bytes, little-endian), a JSON header, then the tensors' bytes back to back. Reading is
/// strict: no overlap, no hole, no trailing byte, no name twice. BF16 and F16 become Float32, PyTorch's
/// I64 batch counters are passed over, other types are refused by name.
public struct Safetensors {
  /// The tensors, plain, by name.
  public var tensors: [String: Tensor]
  /// `__metadata__` of the header.
  public var metadata: [String: String]

  /// A file to be.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    (self.tensors, self.metadata) = (tensors, metadata)
  }

  private static let headerLimit = 100_000_000

  // MARK: Reading

  /// Reads a file.
  ///
  /// - Throws: ``CheckpointError`` that names the file and the tensor.
  public init(contentsOf path: String) throws(CheckpointError) {
    guard FileManager.default.fileExists(atPath: path) else {
      throw CheckpointError(.notFound, path: path, "no such weights file")
    }
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw CheckpointError(.malformed, path: path, "cannot be read: \(error.localizedDescription)")
    }
    let (header, start) = try Self.header(of: data, path: path)
    var entries: [Entry] = []
    metadata = [:]
    tensors = [:]
    for (name, value) in header {
      if name == "__metadata__" {
        guard let texts = value as? [String: String] else {
          throw CheckpointError(.malformed, path: path, "the metadata is not text by name")
        }
        metadata = texts
      } else {
        entries.append(try Entry(name, value, path: path))
      }
    }
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var place = 0
    for entry in entries {
      guard entry.begin == place else {
        throw CheckpointError(
          .malformed, path: path, "tensor '\(entry.name)' overlaps another or leaves a hole")
      }
      place = entry.end
      // Subtracted, not added: an end can be as large as an integer can be.
      guard place <= data.count - start else {
        throw CheckpointError(
          .malformed, path: path,
          "tensor '\(entry.name)' ends \(place - (data.count - start)) bytes after the end of the file")
      }
    }
    guard place == data.count - start else {
      throw CheckpointError(
        .malformed, path: path, "\(data.count - start - place) bytes follow the last tensor")
    }
    for entry in entries where entry.element != .I64 {
      tensors[entry.name] = entry.tensor(from: data, at: start)
    }
  }

  private static func header(of data: Data, path: String) throws(CheckpointError) -> ([String: Any], Int) {
    guard data.count >= 8 else {
      throw CheckpointError(.malformed, path: path, "shorter than a safetensors header")
    }
    let length = data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) }
    guard length <= headerLimit, 8 + Int(length) <= data.count else {
      throw CheckpointError(
        .malformed, path: path, "a header of \(length) bytes is too large: not safetensors?")
    }
    let bytes = data.subdata(in: 8..<8 + Int(length))
    guard let header = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
      throw CheckpointError(.malformed, path: path, "the header is not a JSON object")
    }
    guard keyCount(of: bytes) == header.count else {
      throw CheckpointError(.malformed, path: path, "the header names a tensor twice")
    }
    return (header, 8 + Int(length))
  }

  /// Keys of the outermost object of sound JSON; the parser keeps one of two equal ones without a word.
  private static func keyCount(of json: Data) -> Int {
    var (depth, count, isInString, isEscaped) = (0, 0, false, false)
    for byte in json {
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

  private struct Entry {
    enum Element: String {
      case F32, F16, BF16, I64

      var bytes: Int {
        switch self {
        case .F32: 4
        case .F16, .BF16: 2
        case .I64: 8
        }
      }
    }
    /// PyTorch's batch counters, the one integer that its networks carry: no layer here needs them.
    static let counterSuffix = "num_batches_tracked"
    let name: String
    let element: Element
    let shape: Shape
    let begin, end: Int

    init(_ name: String, _ value: Any, path: String) throws(CheckpointError) {
      guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
        let extents = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int],
        offsets.count == 2
      else {
        throw CheckpointError(.malformed, path: path, "tensor '\(name)' lacks dtype, shape or data_offsets")
      }
      guard let element = Element(rawValue: type), element != .I64 || name.hasSuffix(Self.counterSuffix)
      else {
        throw CheckpointError(
          .malformed, path: path, "tensor '\(name)' has type \(type); F32, F16 and BF16 are read")
      }
      (self.name, self.element, begin, end) = (name, element, offsets[0], offsets[1])
      var bytes = element.bytes
      for extent in extents {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else {
          throw CheckpointError(.malformed, path: path, "tensor '\(name)' has an impossible shape \(extents)")
        }
        bytes = product
      }
      guard begin >= 0, end >= begin, end - begin == bytes else {
        throw CheckpointError(
          .malformed, path: path,
          "tensor '\(name)' of shape \(extents) does not fill bytes \(begin) to \(end)")
      }
      shape = Shape(extents)
    }

    func tensor(from data: Data, at start: Int) -> Tensor {
      Tensor(shape: shape) { target in
        data.withUnsafeBytes { raw in
          let bytes = UnsafeRawBufferPointer(rebasing: raw[start + begin..<start + end])
          for index in target.indices {
            switch element {
            case .F32:
              let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
              target[index] = Float(bitPattern: UInt32(littleEndian: bits))
            case .F16:
              target[index] = Self.float(
                half: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
            case .BF16:
              let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
              target[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
            case .I64: preconditionFailure("the counter '\(name)' is not a tensor")
            }
          }
        }
      }
    }

    private static func float(half bits: UInt16) -> Float {
      Float(Float16(bitPattern: UInt16(littleEndian: bits)))
    }
  }

  // MARK: Writing

  /// Writes the file; the same tensors and metadata give the same bytes.
  ///
  /// - Throws: ``CheckpointError``.
  public func write(to path: String) throws(CheckpointError) {
    let names = tensors.keys.sorted()
    var header: [String: Any] = ["__metadata__": metadata.merging(["format": "pt"]) { own, _ in own }]
    var place = 0
    for name in names {
      let tensor = tensors[name]!
      let end = place + tensor.shape.count * 4
      header[name] =
        ["dtype": "F32", "shape": tensor.shape.extents, "data_offsets": [place, end]] as [String: Any]
      place = end
    }
    do {
      var json = try JSONSerialization.data(
        withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
      json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
      var data = Data(capacity: 8 + json.count + place)
      withUnsafeBytes(of: UInt64(json.count).littleEndian) { data.append(contentsOf: $0) }
      data.append(json)
      for name in names {
        tensors[name]!.withValues { values in data.append(contentsOf: UnsafeRawBufferPointer(values)) }
      }
      try data.write(to: URL(fileURLWithPath: path))
    } catch {
      throw CheckpointError(.cannotWrite, path: path, error.localizedDescription)
    }
  }
}
