import Foundation

/// A seeded stream of random numbers, the same on every machine.
///
/// - Source: SplitMix64, Steele, Lea & Flood 2014 (doi:10.1145/2660193.2660195).
public struct RandomSource: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates a stream of its own for each seed and name, so that adding a consumer does not shift the others.
  public init(seed: UInt64, stream: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    state = seed ^ hash
    _ = next()
  }

  /// Creates a stream that goes on where another one stood.
  public init(position: UInt64) { state = position }

  /// The position of the stream, from which it can go on.
  public var position: UInt64 { state }

  /// Returns a stream of its own for each name, from where this one stands and without moving it: a consumer
  /// that comes or goes, or that draws more or less, shifts no other.
  public func branch(_ name: String) -> RandomSource {
    var here = self
    return RandomSource(seed: here.next(), stream: name)
  }

  /// Returns the next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// Uniform in `[0, 1)`, with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in `[low, high)`.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

  /// Normal with mean 0 and variance 1, by Box and Muller's transform; one value a call, so that the stream
  /// position depends on the number of calls only.
  public mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
  }

  /// Returns a whole number in `0 ..< count`.
  public mutating func index(below count: Int) -> Int { Int(next() % UInt64(count)) }
}
