import Foundation
import Pipelines
import Products
import Runs
import Testing

@Suite("A worker carries out the jobs that it is told")
struct WorkerTests {
  private struct Outcome: Equatable {
    var id: String
    var word: String
    var failure: RunFailure?

    static func failed(_ id: String, _ failure: any ExitCoded) -> Outcome {
      Outcome(id: id, word: "failed", failure: RunFailure(failure))
    }
  }

  private func work(_ site: Site, _ jobs: [String]) throws -> (code: ExitCode, outcomes: [Outcome]) {
    let plan = try site.plan()
    try Runner.prepare(output: site.output)
    let worker = Worker(
      JobRunner(
        output: site.output, runID: RunRecord.newID(), threads: 1, cancellation: Cancellation(),
        classify: RunFailure.init(classifying:), versions: plan.versions, ledger: Ledger(output: site.output)
      ))
    var outcomes: [Outcome] = []
    let code = try worker.carryOut(jobs.map(Worker.Address.init), of: plan) { address, failure in
      outcomes.append(.failed(address.id, failure))
    } ended: { outcome in
      var ended = Outcome(id: outcome.job.id, word: outcome.status.word)
      if case .failed(let failure) = outcome.status { ended.failure = failure }
      outcomes.append(ended)
    }
    return (code, outcomes)
  }

  private func site(_ scenes: [String: String] = ["a": "one", "b": "two"]) throws -> Site {
    let site = try Site()
    for (name, text) in scenes { try site.write("incoming/\(name).txt", text) }
    return site
  }

  @Test("Jobs done one by one by workers leave what a run leaves, and a run finds nothing to do")
  func sameProducts() throws {
    let (site, whole) = (try site(), try site())
    try whole.run()
    for job in try site.plan().jobs {
      let ended = try work(site, ["\(job.id)@\(job.key)"])
      #expect(ended.code == .success && ended.outcomes == [.init(id: job.id, word: "done")])
    }
    for name in ["a", "b"] {
      #expect(site.read("products/\(name)/map.tif") == whole.read("products/\(name)/map.tif"))
    }
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
    #expect(try work(site, ["map:a"]).outcomes == [.init(id: "map:a", word: "up-to-date")])
  }

  @Test(
    "A job whose turn has not come waits, one of another key too, and one that nobody planned is a mistake")
  func refused() throws {
    let site = try site()
    let early = try work(site, ["map:a"])
    #expect(early.code == .tryLater)
    #expect(
      early.outcomes == [.failed("map:a", WorkerFailure.tooEarly(dependency: "train:model"))])
    let other = try work(site, ["train:model@0123456789abcdef"])
    let key = try #require(site.plan().jobs.first).key
    #expect(other.code == .tryLater)
    #expect(
      other.outcomes == [.failed("train:model", WorkerFailure.otherKey(own: key, told: "0123456789abcdef"))])
    #expect(
      other.outcomes[0].failure?.reason
        == "its key is \(key.prefix(16)) here, not 0123456789abcdef: a setting or an input is not what it was"
    )
    let unplanned = try #require(throws: WorkerFailure.self) { try work(site, ["map:c"]) }
    #expect(unplanned == .notPlanned("map:c", pipeline: site.directory.path + "/site.yaml"))
    #expect(unplanned.exitCode == .usage)
  }

  @Test(
    "A job whose scene is gone or was delivered anew leaves word under the key that was told; others are done"
  )
  func gone() throws {
    let site = try site()
    _ = try work(site, ["train:model"])
    let told = try site.plan().jobs.filter { $0.stage == "map" }.map { Worker.Address("\($0.id)@\($0.key)") }
    try site.write("incoming/c.txt", "three")
    let other = try #require(site.plan().jobs.first { $0.id == "map:c" })
    try FileManager.default.removeItem(at: site.directory.appendingPathComponent("incoming/a.txt"))
    try site.write("incoming/b.txt", "delivered anew")
    let own = try #require(site.plan().jobs.first { $0.id == "map:b" }).key
    let ended = try work(site, told.map(\.text) + ["\(other.id)@\(other.key)"])
    #expect(ended.code == .partial)
    let gone = WorkerFailure.noLongerPlanned("map:a")
    let changed = WorkerFailure.otherKey(own: own, told: try #require(told[1].key))
    #expect(
      ended.outcomes == [
        .failed("map:a", gone), .failed("map:b", changed), .init(id: "map:c", word: "done"),
      ])
    #expect(
      gone.description
        == "there is no job 'map:a' in the plan any more: its scene is gone, or a setting is not what it was")
    let files = OutcomeFiles(in: site.output)
    try files.leave(changed, of: told[1])
    let left = try #require(files.read()["map:b"])
    #expect(left.key == told[1].key && left.isOfAnotherPlan && !left.isDone)
    #expect(left.failure == RunFailure(changed))
  }

  @Test("A bad scene fails its own job, and the others are done")
  func badScene() throws {
    let site = try site(["a": "one", "b": "bad"])
    let ended = try work(site, ["map:b", "map:a", "train:model"])
    #expect(ended.code == .partial)
    #expect(ended.outcomes.map(\.word) == ["done", "done", "failed"])
  }

  @Test("A job that another process is at fails for now; the lock goes with the process")
  func locked() throws {
    let site = try site()
    let job = try site.plan().jobs[0]
    try Runner.prepare(output: site.output)
    var lock: JobLock? = try JobLock(job, below: site.output)
    let busy = try work(site, [job.id])
    #expect(busy.code == .tryLater && busy.outcomes == [.failed(job.id, LockFailure.jobHeld(job.id))])
    #expect(throws: LockFailure.jobHeld(job.id)) { try JobLock(job, below: site.output) }
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(try work(site, [job.id]).code == .success)
    let locks = site.output.appendingPathComponent("cache/locks")
    #expect(try FileManager.default.contentsOfDirectory(atPath: locks.path).isEmpty)
  }

  @Test("A job is named by stage and subject, and by its key where the last part is digits of one")
  func names() {
    #expect(Worker.Address("map:a").key == nil)
    let keyed = Worker.Address("map:a@b@0123456789ABCDEF")
    #expect(keyed.id == "map:a@b" && keyed.key == "0123456789abcdef")
    #expect(Worker.Address("map:user@host").id == "map:user@host")
  }
}
