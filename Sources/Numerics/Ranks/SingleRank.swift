import Foundation

/// The only process of a training.
public struct SingleRank: Ranks {
  /// Creates it; it has no state.
  public init() {}

  /// One.
  public var count: Int { 1 }
  /// The first.
  public var own: Int { 0 }
  /// Returns the values alone.
  public func gather(_ values: [Double]) -> [[Double]] { [values] }
  /// Hands the values back: they are one slice.
  public func exchange(_ values: [Float], into slices: inout [Float]) { slices = values }
  /// Hands the slice back: it is all there is.
  public func join(_ slice: [Float], into all: inout [Float]) { all = slice }
  /// Does nothing.
  public func leave() {}
  /// Ends the process.
  public func abort(code: Int32) -> Never { exit(code) }
}
