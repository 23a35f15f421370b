import Host
import Runs

/// The failure of an argument that is not UTF-8, so that no text stands for what it names.
struct UnreadableArgument: ExitCoded, Hashable {
  /// The bytes of the argument.
  let bytes: [UInt8]

  var description: String {
    "argument '\(VisibleText.escaped(bytes))': its name is not UTF-8; rename what it names"
  }

  var exitCode: ExitCode { .usage }
}
