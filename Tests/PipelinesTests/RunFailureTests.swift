import Foundation
import Host
import Rasters
import Runs
import Testing

@Suite("A failure as it is recorded")
struct RunFailureTests {
  @Test("An error with an exit code of its own is asked nobody else; the others are what the caller says")
  func classified() {
    let other = RunFailure("other", exitCode: .usage)
    let own = WorkerFailure.tooEarly(dependency: "train:model")
    let recorded = RunFailure(of: own) { _ in other }
    #expect(recorded.reason == "train:model is to be done before it" && recorded.exitCode == .tryLater)
    #expect(RunFailure(of: RasterError(.notFound, "open")) { _ in other } == other)
    #expect(RunFailure(classifying: own) == recorded)
  }

  @Test(
    "What the system refuses ends a run by what it means for the user",
    arguments: [
      (SystemError("read", "a", .number(ENOENT)), ExitCode.noInput),
      (SystemError("read", "a", .notRegular("a pipe")), .badData),
      (SystemError("write to", "a", .number(EACCES), isWriting: true), .cannotCreate),
      (SystemError("write to", "a", .number(ENOSPC), isWriting: true), .inputOutput),
      (SystemError("read", "a", .number(EIO)), .inputOutput),
    ])
  func system(_ error: SystemError, _ code: ExitCode) {
    #expect(RunFailure(classifying: error) == RunFailure(error.description, exitCode: code))
  }

  @Test("Foundation's refusals keep the system's reason, a torn record is bad data, the rest is a bug")
  func unknown() throws {
    let gone = try #require(throws: (any Error).self) {
      try Data(contentsOf: URL(fileURLWithPath: "/no/file"))
    }
    #expect(
      RunFailure(classifying: gone)
        == RunFailure("cannot read /no/file: No such file or directory", exitCode: .noInput))
    let torn = try #require(throws: DecodingError.self) {
      try JSONDecoder().decode([Int].self, from: Data(#"["a"]"#.utf8))
    }
    let failure = RunFailure(classifying: torn)
    #expect(failure.reason.hasPrefix("a stored record cannot be read: ") && failure.exitCode == .badData)
    #expect(RunFailure(classifying: CancellationError()).exitCode == .bug)
  }
}
