/// The reason why labels cannot be split as wanted; the text counts what is there.
public struct SplitError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The labels have fewer blocks, patches, regions or days than there are folds.
    case tooFew
    /// A labelled region has no day.
    case undated
    /// The buffer around a fold's held-out labels leaves no training label.
    case nothingToTrainOn
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence without a full stop.
  public let description: String

  package init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }
}
