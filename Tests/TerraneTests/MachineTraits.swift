import Foundation
import Testing

extension Trait where Self == ConditionTrait {
  /// A test is skipped where a shell command fails, because the machine does not give what the test needs.
  static func needs(_ what: String, _ command: String) -> Self {
    .enabled(if: succeeds(command), "needs \(what)")
  }

  private static func succeeds(_ command: String) -> Bool {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", command]
    (shell.standardOutput, shell.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    guard (try? shell.run()) != nil else { return false }
    shell.waitUntilExit()
    return shell.terminationStatus == 0
  }
}
