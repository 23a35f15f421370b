/// The number format of activations and of the weights that multiply them; a convolution or a statistic sums
/// in Float32 in every precision.
public enum Precision: String, CaseIterable, Hashable, Sendable {
  /// Float32.
  case fp32
  /// bfloat16: the range of Float32 with 8 bits of significand, in half the memory.
  case bf16

  /// Bytes of one number.
  package var bytes: Int {
    switch self {
    case .fp32: MemoryLayout<Float>.size
    case .bf16: MemoryLayout<BFloat16>.size
    }
  }
}

/// The upper half of a Float32.
///
/// The type and its conversions are public because loops of other modules inline them: of functions with
/// package access Swift 6.3 inlines none across modules, which cost a training in bf16 a twentieth.
@frozen public struct BFloat16 {
  /// The sign, the exponent and seven bits of the fraction.
  public let bits: UInt16

  /// Creates the number with these bits.
  @inlinable public init(bits: UInt16) { self.bits = bits }
}

/// A number as a tensor stores it; arithmetic is Float32.
public protocol StoredNumber {
  /// Creates the stored number that is next to `value`, the even one of two.
  init(rounding value: Float)
  /// The number as arithmetic takes it.
  var float: Float { get }
}

extension Float: StoredNumber {
  /// Creates the number itself.
  @inlinable public init(rounding value: Float) { self = value }
  /// The number itself.
  @inlinable public var float: Float { self }
}

extension BFloat16: StoredNumber {
  /// Creates the number that is next to `value`, the even one of two.
  @inlinable public init(rounding value: Float) {
    let bits = value.bitPattern
    // Rounding a NaN up could carry it over to infinity or zero.
    let rounded = value.isNaN ? bits | 0x40_0000 : bits &+ 0x7FFF &+ (bits >> 16 & 1)
    self.init(bits: UInt16(truncatingIfNeeded: rounded >> 16))
  }

  /// The number as a Float32, exactly.
  @inlinable public var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}
