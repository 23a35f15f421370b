import Foundation
import Testing

extension EndToEnd {
  /// `make torture` in its short form: failing system calls and kills.
  @Suite("Failing system calls")
  struct TortureTests {
    @Test(
      "After a failed system call or a kill the next run gives the same products",
      .needs("strace that may trace, and Python", "test -x /usr/bin/python3 && strace -o /dev/null true"),
      .timeLimit(.minutes(20)))
    func torture() throws {
      let terrane = try #require(TerraneCommand.path)
      let script = SmallScene.package.appendingPathComponent("Tests/Torture/torture.py").path
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
      process.arguments = [script, terrane, "--quick", "--minutes", "2"]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0 && !said.contains("skipped"), "\(said)")
    }
  }
}
