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
  /// Returns the values: they are one slice.
  public func exchange(_ values: [Float]) -> [Float] { values }
  /// Returns the slice: it is all there is.
  public func join(_ slice: [Float]) -> [Float] { slice }
  /// Does nothing.
  public func leave() {}
  /// Ends the process.
  public func abort(code: Int32) -> Never { exit(code) }
}
