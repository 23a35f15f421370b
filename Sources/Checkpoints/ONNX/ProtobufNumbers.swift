import Foundation

/// The places in a file of the numbers of a repeated protobuf field that are no run of elements: numbers of
/// variable length, or in several pieces.
struct ProtobufNumbers: Sendable {
  /// The form of a number.
  enum Form: Sendable {
    /// Seven bits a byte; negative numbers as 64 bits.
    case varints
    /// The bytes of the element, little-endian.
    case elements
  }

  let form: Form
  let parts: [Range<Int>]

  /// Bytes of all parts together.
  var byteCount: Int { parts.reduce(0) { $0 + $1.count } }

  /// Returns the elements one after the other, little-endian.
  ///
  /// - Throws: ``CheckpointError``: `malformed` where there are more or fewer than `count`, or one is no
  ///   number of the type; `cannotRead`.
  func elements(
    of type: ElementType, count: Int, named name: String, in file: FileBytes
  ) throws(CheckpointError) -> Data {
    var elements = Data(capacity: count * type.bits / 8)
    let window = ByteWindow(file)
    var found = 0
    for part in parts {
      switch form {
      case .elements:
        elements.append(try file.copy(part))
        found += part.count / (type.bits / 8)
      case .varints:
        var place = part.lowerBound
        while place < part.upperBound {
          let number = try window.varint(at: &place, before: part.upperBound)
          guard let bits = type.bits(of: number) else {
            throw file.malformed("tensor '\(name)': the number before byte \(place) is no \(type)")
          }
          withUnsafeBytes(of: bits.littleEndian) { elements.append(contentsOf: $0.prefix(type.bits / 8)) }
          found += 1
        }
      }
    }
    guard found == count else {
      throw file.malformed("tensor '\(name)' has \(found) numbers, its shape has \(count)")
    }
    return elements
  }
}

extension ElementType {
  /// Returns the bits of an element that is stored as a protobuf number; nil where it is none of the type.
  fileprivate func bits(of number: UInt64) -> UInt64? {
    let narrow = Int64(Int32(truncatingIfNeeded: number))
    switch self {
    case .I8: return Int8(exactly: narrow) == nil ? nil : number
    case .I16: return Int16(exactly: narrow) == nil ? nil : number
    case .I32, .I64, .U64: return number
    case .U32: return UInt32(exactly: number) == nil ? nil : number
    case .BOOL: return narrow == 0 || narrow == 1 ? number : nil
    case .U8, .F8_E4M3, .F8_E5M2, .F8_E4M3FNUZ, .F8_E5M2FNUZ, .F8_E8M0:
      return UInt8(exactly: narrow) == nil ? nil : number
    case .U16, .F16, .BF16: return UInt16(exactly: narrow) == nil ? nil : number
    default: return nil
    }
  }
}
