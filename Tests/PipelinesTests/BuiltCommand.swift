import Foundation
import Testing

/// The built command, which lies where the test bundle lies.
enum BuiltCommand {
  /// Where it is; nil where only the tests were built.
  static let executable: URL? = {
    let bundles = [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
    return
      bundles
      .flatMap { [$0, $0.deletingLastPathComponent()] }
      .map { $0.appendingPathComponent("terrane") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()
}

extension Trait where Self == ConditionTrait {
  /// A test that starts the command is skipped where the command is not built.
  static var startsCommand: Self {
    .enabled(if: BuiltCommand.executable != nil, "the command is not built beside the tests")
  }
}
