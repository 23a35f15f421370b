import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Testing

@Suite("Stored files and inputs are what was recorded")
struct StoredFilesTests {
  /// A site that was run once, with one file of each part.
  private static func site() throws -> Site {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    return site
  }

  private static func path(of part: String, in site: Site) throws -> String {
    let names = try FileManager.default.subpathsOfDirectory(atPath: site.output.path).sorted()
    let suffix = ["products": "map.tif", "models": "/model", "cache": "/scores"][part]!
    return try #require(
      names.first { $0.hasPrefix(part + "/") && $0.hasSuffix(suffix) && !$0.contains("latest") })
  }

  /// Changes one byte in place and, where asked, gives the file its time back.
  private static func damage(_ path: String, below output: URL, restoringTime: Bool) throws {
    let url = output.appendingPathComponent(path)
    let time = try FileManager.default.attributesOfItem(atPath: url.path)[.modificationDate]
    let file = try FileHandle(forUpdating: url)
    try file.write(contentsOf: Data("X".utf8))
    try file.close()
    if restoringTime, let time {
      try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: url.path)
    }
  }

  @Test(
    "A file changed in place at the same size is made anew where it counts, whatever its time says",
    arguments: [("products", "publish:a"), ("models", "train:model")], [false, true])
  func changed(_ part: (directory: String, job: String), restoringTime: Bool) throws {
    let site = try Self.site()
    let path = try Self.path(of: part.directory, in: site)
    let whole = try #require(site.read(path))
    try Self.damage(path, below: site.output, restoringTime: restoringTime)
    let plan = try site.plan()
    let states = try Ledger(output: site.output).states(of: plan.jobs)
    #expect(states.contains(.toDo("\(path) changed")))
    let report = try site.run()
    #expect(report.exitCode == .success && report.words.contains("\(part.job): done"))
    #expect(site.read(path) == whole)
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
  }

  @Test("A file that cannot be read any more costs itself alone", arguments: ["products", "models", "cache"])
  func unreadable(_ part: String) throws {
    let site = try Self.site()
    let path = try Self.path(of: part, in: site)
    let url = site.output.appendingPathComponent(path)
    try FileManager.default.removeItem(at: url)
    // Of the size that was recorded; reading it never ends.
    try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: "/dev/zero")
    let found = try Verification(of: site.output, kinds: .rasters)
    #expect(found.faults.count == 1 && found.faults[0].contains(path), "\(found.faults)")
    try site.write("incoming/b.txt", "two")
    let report = try site.run()
    #expect(report.exitCode == .success && report.words.contains("map:b: done"), "\(report.words)")
    // A map that nothing needs any more is not made anew.
    if part != "cache" { #expect(try Verification(of: site.output, kinds: .rasters).faults == []) }
  }

  @Test(
    "A deadline that passes while stored files are hashed leaves their tasks for later; a signal ends the run"
  )
  func lateHashing() throws {
    let site = try Self.site()
    // A copy has other stamps.
    let copy = site.directory.appendingPathComponent("copy")
    try FileManager.default.copyItem(at: site.output, to: copy)
    func ledger(_ run: Cancellation, _ deadline: Date) -> Ledger {
      Ledger(
        output: copy,
        hashes: ContentHashes(
          store: nil, kinds: .rasters, cancellation: Cancellation(within: run, deadline: deadline)))
    }
    let plan = try site.plan()
    let late = ledger(Cancellation(), .distantPast)
    #expect(
      try late.states(of: plan.jobs) == Array(repeating: .refused(.unread), count: plan.jobs.count))
    let report = try Runner(output: copy, runID: "r", threads: 1).run(plan, ledger: late)
    #expect(report.exitCode == .tryLater && report.words.allSatisfy { $0.hasSuffix("not-reached") })
    let asked = Cancellation()
    asked.cancel(signal: SIGTERM)
    #expect(throws: RunCancelled.self) { try ledger(asked, .distantFuture).states(of: plan.jobs) }
    #expect(
      try ledger(Cancellation(), .distantFuture).states(of: plan.jobs).allSatisfy { $0 == .upToDate })
  }

  @Test("A changed model maps no scene: it is made anew first")
  func changedModel() throws {
    let (site, undisturbed) = (try Self.site(), try Self.site())
    try Self.damage(Self.path(of: "models", in: site), below: site.output, restoringTime: true)
    for each in [site, undisturbed] {
      try each.write("incoming/b.txt", "two")
      #expect(try each.run().exitCode == .success)
    }
    #expect(site.read("products/b/map.tif") == undisturbed.read("products/b/map.tif"))
  }

  @Test("A model that is changed while others are mapped fails the task that would read it")
  func changedWhileRunning() throws {
    final class Vandal: RunObserver {
      let site: Site
      init(_ site: Site) { self.site = site }
      func began(_ job: Job, position: Int, of total: Int, progress: JobProgress) {
        guard job.id == "map:b" else { return }
        try? StoredFilesTests.damage(
          StoredFilesTests.path(of: "models", in: site), below: site.output, restoringTime: false)
      }
      func ended(_ outcome: JobOutcome) {}
    }
    let site = try Self.site()
    let model = site.output.appendingPathComponent(try Self.path(of: "models", in: site)).path
    try site.write("incoming/b.txt", "two")
    let report = try site.run(observers: [Vandal(site)])
    #expect(report.words.contains("map:b: failed") && !site.exists("products/b"))
    let failure = try #require(report.failures.first?.failure)
    #expect(failure == RunFailure(OutputFailure.fault(model, .changed)))
    #expect(failure.reason == "\(model) changed since it was made; the next run makes it anew")
    #expect(failure.exitCode == .inputOutput)
    #expect(try site.run().exitCode == .success)
  }

  @Test(
    "A scene that changes, goes or gets a mask while it is read is recorded under no key",
    arguments: [("swap", "a.txt changed"), ("went", "a.txt went"), ("mask", "a.txt.msk changed")])
  func changedInput(word: String, said: String) throws {
    let site = try Site()
    try site.write("incoming/a.txt", "\(word) one")
    let report = try site.run()
    #expect(report.words.suffix(2) == ["map:a: failed", "publish:a: blocked"])
    let failure = try #require(report.failures.first?.failure)
    #expect(
      failure.reason
        == "\(site.directory.path)/incoming/\(said) while it was read: nothing is recorded, the next run reads it again"
    )
    #expect(failure.exitCode == .tryLater && report.exitCode == .tryLater)
    #expect(Ledger(output: site.output).latest(job: "map:a") == nil)
  }

  @Test("An error of listing an input is what the command says it is, of a pair's scene too")
  func classified() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    site.source = "scene: incoming/../empty"
    site.data = ", pairs: [{before: incoming/a.txt, after: empty}]"
    try FileManager.default.createDirectory(
      at: site.directory.appendingPathComponent("empty"), withIntermediateDirectories: true)
    let classify = { @Sendable (error: any Error) in
      RunFailure("\((error as? RasterError)?.code.rawValue ?? "none")", exitCode: .inputOutput)
    }
    let failure = RunFailure("unreadable", exitCode: .inputOutput)
    #expect(try site.plan(classify: classify).jobs.first?.refusal == failure)
    let roster = try SceneRoster(for: site.pipeline(), search: Site.search)
    let refusal = try #require(roster.ready.first { $0.name == "empty" }?.refusal)
    #expect(classify(refusal) == failure)
  }

  @Test("A scene that changed while it was hashed fails by name; one that the deadline kept from that waits")
  func changedWhileHashed() throws {
    let changed = RunFailure(InputFailure.changed("a.txt"))
    for (refusal, code, word) in [(changed, ExitCode.partial, "failed"), (.unread, .tryLater, "not-reached")]
    {
      let site = try Site()
      for name in ["a", "b"] { try site.write("incoming/\(name).txt", name) }
      let pipeline = try site.pipeline()
      var scenes = try site.incoming()
      scenes[0] = SceneSource(
        name: "a", path: scenes[0].path, files: scenes[0].files,
        refusal: RasterError(.inputOutput, "hash the scene"))
      let plan = try Plan(
        pipeline, scenes: scenes, versions: [:], hashes: ContentHashes(store: nil, kinds: .rasters),
        classify: { _ in refusal })
      try Runner.prepare(output: site.output)
      let report = try Runner(output: site.output, runID: "r", threads: 1).run(
        plan, ledger: Ledger(output: site.output))
      #expect(report.exitCode == code && report.words[1] == "map:a: \(word)", "\(report.words)")
    }
  }

  @Test("A task that leaves no file is not done, and a record of one does not count")
  func noFiles() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "none")
    let report = try site.run()
    #expect(report.words.contains("map:a: failed") && report.exitCode == .inputOutput)
    #expect(report.failures.first?.failure.reason.hasPrefix("map:a has left no file in ") == true)
    try site.write("incoming/a.txt", "one")
    try site.run()
    let ledger = Ledger.recordFile(of: "publish:a", in: .products, below: site.output)
    // As 0.1.0 wrote it where a listing failed.
    let lines = try String(contentsOf: ledger, encoding: .utf8).split(separator: "\n")
    let emptied = try #require(lines.last).replacing(/"check":"[0-9a-f]{16}",/, with: "")
      .replacing(/"files":\[\{.*?\}\]/, with: #""files":[]"#)
    try Data((emptied + "\n").utf8).write(to: ledger)
    #expect(try site.run().words.last == "publish:a: done")
  }

  @Test("A changed line of the ledger is not believed, and said once")
  func changedLedger() throws {
    let site = try Self.site()
    let ledger = Ledger.recordFile(of: "train:model", in: .models, below: site.output)
    let text = try String(contentsOf: ledger, encoding: .utf8)
    try Data(text.replacing("\"seconds\":", with: "\"seconds\":1").utf8).write(to: ledger)
    #expect(
      try Verification(of: site.output, kinds: .rasters).faults.first
        == "ledger/models/\(ledger.lastPathComponent) changed: line 1 is not what was written")
    #expect(try site.run().words.first == "train:model: done")
    #expect(try Verification(of: site.output, kinds: .rasters).faults.isEmpty)
  }

  @Test(
    "A verification names what differs, whatever it is, and the next run makes it anew",
    arguments: ["products", "models", "cache"])
  func verification(part: String) throws {
    let site = try Self.site()
    #expect(try Verification(of: site.output, kinds: .rasters).faults.isEmpty)
    let path = try Self.path(of: part, in: site)
    let whole = try #require(site.read(path))
    try Self.damage(path, below: site.output, restoringTime: true)
    let found = try Verification(of: site.output, kinds: .rasters)
    #expect(found.faults == ["\(path) changed"])
    try found.record()
    try site.run()
    // A cached map that nobody reads stays as it is; asked for, it is made anew.
    if part == "cache" {
      try FileManager.default.removeItem(at: site.output.appendingPathComponent("products/a/map.tif"))
    }
    try site.run()
    #expect(site.read(path) == whole)
    let after = try Verification(of: site.output, kinds: .rasters)
    #expect(after.faults.isEmpty && after.counts.map(\.files) == [1, 0, 1, 1, 0])
  }

  @Test("A product that is gone is a fault, a cached map that is gone is none; nothing at all ends with 66")
  func verificationOfGoneFiles() throws {
    let site = try Self.site()
    try FileManager.default.removeItem(at: site.output.appendingPathComponent("cache/a"))
    #expect(try Verification(of: site.output, kinds: .rasters).faults.isEmpty)
    try FileManager.default.removeItem(at: site.output.appendingPathComponent("products/a"))
    #expect(try Verification(of: site.output, kinds: .rasters).faults == ["products/a/map.tif is gone"])
    let failure = try #require(throws: LedgerFailure.self) {
      try Verification(of: site.directory, kinds: .rasters)
    }
    #expect(failure == .none(below: site.directory.path) && failure.exitCode == .noInput)
  }
}
