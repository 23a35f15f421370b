import Foundation
import Pipelines
import Runs
import Settings
import Testing

@Suite("The record files of the ledger")
struct RecordFilesTests {
  private static func lines(of ledger: URL) throws -> [String] {
    try String(contentsOf: ledger, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test("Each task has a file of its own, which is replaced and holds the present record only")
  func oneFileATask() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    let product = Ledger.recordFile(of: "publish:a", in: .products, below: site.output)
    #expect(try Self.lines(of: product).count == 1)
    try site.run(["publish.style=true"])
    #expect(try Self.lines(of: product).count == 1)
    #expect(Ledger(output: site.output).entry(job: "publish:a", key: try site.plan().jobs[2].key) == nil)
    // A model of another key has a directory of its own, and both stay.
    try site.run(["train.epochs=4"])
    let model = Ledger.recordFile(of: "train:model", in: .models, below: site.output)
    #expect(try Self.lines(of: model).count == 2)
  }

  @Test(
    "A ledger of one file, as earlier versions wrote it, counts, and becomes record files at the next run")
  func oneFileForAll() throws {
    let site = try Site()
    for name in ["a", "b"] { try site.write("incoming/\(name).txt", name) }
    try site.run()
    let folder = site.output.appendingPathComponent("ledger")
    var lines: [String] = []
    for (job, placement) in [
      ("train:model", Placement.models), ("map:a", .cache), ("map:b", .cache), ("publish:a", .products),
      ("publish:b", .products),
    ] {
      lines += try Self.lines(of: Ledger.recordFile(of: job, in: placement, below: site.output)).map {
        line in
        line.replacing(/"check":"[0-9a-f]{16}",/, with: "").replacing(/"recorded":[0-9.]+,/, with: "")
      }
    }
    try FileManager.default.removeItem(at: folder)
    let one = site.output.appendingPathComponent("ledger.jsonl")
    try Data((lines.joined(separator: "\n") + "\n{\"done\":{\"ta").utf8).write(to: one)
    let plan = try site.plan()
    #expect(try Ledger(output: site.output).states(of: plan.jobs).allSatisfy { $0 == .upToDate })
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
    #expect(!FileManager.default.fileExists(atPath: one.path))
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
  }

  @Test(
    "What two processes record of tasks of their own is believed by a third, and by each other once it looks")
  func twoWriters() throws {
    let site = try Site()
    for name in ["a", "b"] { try site.write("incoming/\(name).txt", name) }
    let plan = try site.plan()
    try Runner.prepare(output: site.output)
    func runner() -> JobRunner {
      JobRunner(
        output: site.output, runID: RunRecord.newID(), threads: 1, cancellation: Cancellation(),
        classify: RunFailure.init(classifying:), versions: [:], ledger: Ledger(output: site.output))
    }
    let (first, second) = (runner(), runner())
    let model = try first.carryOut(plan.jobs[0], inputs: [], progress: JobProgress())
    let output = try #require(model.output)
    for (runner, index) in [(first, 1), (second, 2)] {
      let ended = try runner.carryOut(plan.jobs[index], inputs: [output], progress: JobProgress())
      #expect(ended.status == .done)
    }
    let third = try Ledger(output: site.output).states(of: plan.jobs)
    #expect(third.prefix(3).allSatisfy { $0 == .upToDate } && third[3] == .toDo("new"))
  }

  @Test("Of two tasks that have left one file the later one counts, whichever file is read first")
  func owners() throws {
    let site = try Site()
    site.stages = "[train: {}, map: {}, publish: {}]"
    try site.write("incoming/a.txt", "one")
    try site.run()
    // Another pipeline file below the same output: its job publishes to the same place.
    site.stages = "[train: {}, map: {}, publish: {style: true}, publish: {}]"
    try site.run()
    site.stages = "[train: {}, map: {}, publish: {}]"
    let again = try site.run()
    #expect(again.words.last == "publish:a: done", "\(again.words)")
  }
}
