import ArgumentParser
import Foundation
import Host
import Pipelines
import Products
import Runs

/// `terrane verify` checks whether what runs have made is still what they made.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Read every product, model, report, cached file and record of an output directory, and name what has changed.",
    discussion: """
      Exit codes: 0 all is whole, 65 something differs (the next run makes it anew), 66 there is no ledger, 75 a run is at it.
      """)

  @Argument(help: "The output directory of a pipeline file.", completion: .directory)
  var output: String

  func run() throws {
    try CommandExit.of {
      Signals.listen()
      let output = URL(fileURLWithPath: output)
      let name = output.path.visibleLine
      guard Ledger.isThere(below: output) else {
        throw LedgerFailure.none(below: output.path)
      }
      let lock = try lock(output)
      return try withExtendedLifetime(lock) {
        let found = try Verification(of: output, kinds: .rasters, cancellation: Signals.cancellation)
        // Before a word of it is shown: what cannot be written must not be forgotten.
        let isNoted = lock != nil && (try? found.record()) != nil
        for line in found.remarks + found.faults { try CommandExit.show("\(line.visibleLine)\n") }
        let counts = found.counts.map { "\($0.files) in \($0.part)" }.joined(separator: ", ")
        guard !found.faults.isEmpty else {
          try CommandExit.show("\(name): whole: files read: \(counts)\n")
          return .success
        }
        let words = found.faults.count == 1 ? "1 differs" : "\(found.faults.count) differ"
        CommandExit.say(
          "terrane: \(name): \(words) (files read: \(counts))"
            + (isNoted
              ? "; the next run makes anew what it can" : "; it cannot be noted there for the next run"))
        return .badData
      }
    }
  }

  /// Returns the right to note what is found; nil where nothing can be written there, which hinders no
  /// reading.
  private func lock(_ output: URL) throws(LockFailure) -> RunLock? {
    do { return try RunLock(output: output, runID: "verify") } catch {
      if case .runHeld = error { throw error }
      return nil
    }
  }
}
