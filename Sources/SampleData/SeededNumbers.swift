/// A random source that gives the same numbers for the same seed on every machine (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// Returns a number of 0 ..< 1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Returns a number of mean 0 and variance 1: twelve uniform ones summed, which needs no function of the C
  /// library and is therefore the same everywhere.
  mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }

  /// Returns the finaliser of SplitMix64: every input bit reaches every output bit.
  static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Returns a number of 0 ..< 1 that belongs to a place of a lattice.
  static func hashed(_ x: Int, _ y: Int, seed: UInt64) -> Double {
    let place =
      UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: Int64(y))
      &* 0xC2B2_AE3D_27D4_EB4F
    return Double(mixed(mixed(place &+ seed)) >> 11) * 0x1p-53
  }
}
