import Tensors

/// Values by a closed rule of a name and an index, the same in Swift and in `write_golden.py`.
///
/// Networks of millions of weights are then compared with other frameworks without storing a weight: value i
/// of `name` is the SplitMix64 finaliser of (FNV-1a(name) + i x 0x9e3779b97f4a7c15), its upper 24 bits scaled
/// to [-1, 1).
public struct HashedValues {
  private let start: UInt64

  /// The rule's stream for one name.
  public init(_ name: String) {
    start = name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// 64 mixed bits.
  public func bits(_ index: Int) -> UInt64 {
    var bits = start &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// Uniform in `[-1, 1)`, exact in Float.
  public func uniform(_ index: Int) -> Double { Double(bits(index) >> 40) * 0x1p-23 - 1 }

  /// A plain tensor of `offset + scale` x uniform.
  public func tensor(_ shape: Shape, scale: Double = 1, offset: Double = 0) -> Tensor {
    Tensor((0..<shape.count).map { Float(offset + scale * uniform($0)) }, shape: shape)
  }
}
