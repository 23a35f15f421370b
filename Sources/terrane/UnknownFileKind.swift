import Runs

/// The failure of `terrane inspect` on a file of none of the kinds that it can look into.
struct UnknownFileKind: ExitCoded, Hashable {
  /// The file as the user named it.
  let path: String
  /// The kinds that can be inspected, in the plural.
  let known: [String]

  var description: String {
    "\(path): not among what can be inspected (\(known.joined(separator: " nor ")))"
  }

  var exitCode: ExitCode { .badData }
}
