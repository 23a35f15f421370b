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
package struct BFloat16 {
  package let bits: UInt16

  @inlinable package init(bits: UInt16) { self.bits = bits }
}

/// A number as a tensor stores it; arithmetic is Float32.
package protocol StoredNumber {
  /// Creates the stored number that is next to `value`, the even one of two.
  init(rounding value: Float)
  var float: Float { get }
}

extension Float: StoredNumber {
  @inlinable package init(rounding value: Float) { self = value }
  @inlinable package var float: Float { self }
}

extension BFloat16: StoredNumber {
  @inlinable package init(rounding value: Float) {
    let bits = value.bitPattern
    // Rounding a NaN up could carry it over to infinity or zero.
    let rounded = value.isNaN ? bits | 0x40_0000 : bits &+ 0x7FFF &+ (bits >> 16 & 1)
    self.init(bits: UInt16(truncatingIfNeeded: rounded >> 16))
  }

  @inlinable package var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}
