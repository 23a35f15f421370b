import Foundation
import Host
import Pipelines
import Runs
import Testing

@Suite("The lock of an output directory")
struct RunLockTests {
  /// What holds a lock in a process of its own.
  private static let holder = "/usr/bin/flock"

  @Test("A second run in the same process ends with 75 and names the first; freed, it is free")
  func twice() throws {
    let site = try Site()
    var first: RunLock? = try RunLock(output: site.directory, runID: "one")
    let error = try #require(throws: LockFailure.self) { try RunLock(output: site.directory, runID: "two") }
    #expect(error == .runHeld(output: site.directory.path, holder: "pid \(getpid()), run one"))
    #expect(error.exitCode == .tryLater)
    #expect(
      error.description == "another run is writing to \(site.directory.path) (pid \(getpid()), run one)")
    _ = consume first
    first = nil
    _ = try RunLock(output: site.directory, runID: "three")
  }

  @Test(
    "A lock held by another process is seen at once, and gone when that process is killed",
    .enabled(if: FileManager.default.isExecutableFile(atPath: holder), "there is no \(holder) here"),
    .timeLimit(.minutes(20)))
  func otherProcess() throws {
    let site = try Site()
    let lock = site.directory.appendingPathComponent(".terrane.lock").path
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: Self.holder)
    // --no-fork: the process that is killed is the one that holds the lock.
    holder.arguments = ["--no-fork", lock, "sleep", "60"]
    try holder.run()
    defer { holder.terminate() }
    var held: LockFailure?
    let start = ContinuousClock.now
    while held == nil, ContinuousClock.now - start < .seconds(20) {
      do { _ = try RunLock(output: site.directory, runID: "x") } catch {
        held = error
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    // The hint may be one that this process left before the other took the lock.
    guard case .runHeld(let output, _)? = held else {
      Issue.record("\(String(describing: held))")
      return
    }
    #expect(output == site.directory.path && held?.exitCode == .tryLater)
    let asked = ContinuousClock.now
    #expect(throws: try #require(held)) { try RunLock(output: site.directory, runID: "y") }
    #expect(ContinuousClock.now - asked < .seconds(1))
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    _ = try RunLock(output: site.directory, runID: "z")
  }

  @Test("A directory that cannot be made ends with 73")
  func cannotCreate() throws {
    let site = try Site()
    let below = site.directory.appendingPathComponent("source.txt/output")
    let error = try #require(throws: SystemError.self) { try Runner.prepare(output: below) }
    #expect(error == SystemError("create", below.path + "/cache", .number(ENOTDIR), isWriting: true))
    #expect(error.exitCode == .cannotCreate)
    #expect(error.description == "cannot create \(below.path)/cache: Not a directory")
    let locked = try #require(throws: LockFailure.self) { try RunLock(output: below, runID: "x") }
    let path = below.path + "/.terrane.lock"
    #expect(locked == .notCreated(SystemError("create", path, .number(ENOTDIR), isWriting: true)))
    #expect(locked.exitCode == .cannotCreate)
  }
}
