/// The rules for the kinds of files that jobs read and make; the ledger itself knows none.
public struct FileKinds: Sendable {
  /// The bytes that a file's header promises, by its path; nil where it is of no kind that promises any.
  package let declaredBytes: @Sendable (String) -> Double?
  /// The path of the side-car that other programs may leave beside a file; nil for a kind that has none.
  package let sideCar: @Sendable (String) -> String?
  /// The text of a side-car as a job wrote it, of one to which another program has added; nil where it is no
  /// such side-car, or says anything else.
  package let original: @Sendable (_ text: String, _ path: String) -> String?

  /// Kinds of files.
  public init(
    declaredBytes: @escaping @Sendable (String) -> Double?, sideCar: @escaping @Sendable (String) -> String?,
    original: @escaping @Sendable (_ text: String, _ path: String) -> String?
  ) {
    (self.declaredBytes, self.sideCar, self.original) = (declaredBytes, sideCar, original)
  }

  /// The kinds of files of which nothing is known but their bytes.
  public static let plain = FileKinds(
    declaredBytes: { _ in nil }, sideCar: { _ in nil }, original: { _, _ in nil })
}
