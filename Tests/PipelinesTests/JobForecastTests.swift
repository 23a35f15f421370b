import Foundation
import Runs
import Settings
import Testing

@Suite("How long jobs will take")
struct JobForecastTests {
  private let site: Site

  init() throws { site = try Site() }

  private func job(
    _ id: String, megapixels: Double? = nil, settings: JSONValue = ["window": 256]
  ) -> Job {
    let parts = id.split(separator: ":").map(String.init)
    let components = KeyComponents(
      stage: parts[0], revision: 1, settings: settings, shared: [:], inputs: [:], upstream: [])
    var job = Job(
      id: id, stage: parts[0], subject: parts[1], title: id, produces: .maps, placement: .cache,
      components: components, key: components.key, dependencies: [], refusal: nil, watch: InputWatch(),
      action: { _ in JobResult() })
    if let megapixels { job.megapixels = { megapixels } }
    return job
  }

  private func ledger(_ entries: [(job: Job, seconds: Double, threads: Int?)], keepsSize: Bool = true) throws
    -> Ledger
  {
    let ledger = Ledger(output: site.output)
    for entry in entries {
      var members: [String: JSONValue] = [
        "task": .string(entry.job.id), "key": .string(entry.job.key),
        "keyText": .string(entry.job.components.canonical),
        "directory": .string("cache/x/\(entry.job.subject)"),
        "files": [], "findings": [], "warnings": [], "seconds": .number(entry.seconds), "run": "r",
      ]
      members["threads"] = entry.threads.map(JSONValue.int)
      if keepsSize { members["megapixels"] = try entry.job.megapixels.map { .number(try $0()) } }
      let text = JSONValue.object(members).canonical
      try ledger.record(JSONDecoder().decode(Ledger.Entry.self, from: Data(text.utf8)))
    }
    return Ledger(output: site.output)
  }

  @Test("A scene takes the median time of a megapixel, shared among the threads")
  func rate() throws {
    let known = (1...5).map { (job("map:s\($0)", megapixels: 2), Double($0 * $0), 4 as Int?) }
    let new = job("map:new", megapixels: 10)
    let forecast = JobForecast(try ledger(known), of: [new], threads: 2)
    // The median is 9 seconds of four threads for two megapixels: 18 for one, and ten of them on two threads.
    #expect(forecast.seconds(of: new) == 90)
    #expect(forecast.secondsPerMegapixel(of: new) == 9)
    #expect(forecast.estimate(of: new)?.evidence == .scenes(5, sameSettings: true))
    #expect(forecast.estimate(of: new)?.evidence.words == "from 5 earlier jobs")
  }

  @Test("Scenes of about the same size count, of many")
  func sizes() throws {
    let small = (1...20).map { (job("map:small\($0)", megapixels: 0.01), 1.0, 1 as Int?) }
    let large = (1...20).map { (job("map:large\($0)", megapixels: 100), 200.0, 1 as Int?) }
    let (tiny, huge) = (job("map:a", megapixels: 0.02), job("map:b", megapixels: 80))
    let forecast = JobForecast(try ledger(small + large), of: [tiny, huge], threads: 1)
    #expect(forecast.seconds(of: tiny) == 2 && forecast.seconds(of: huge) == 160)
  }

  @Test("Other settings serve where the same were never used, and another stage never does")
  func settings() throws {
    let known = [(job("map:a", megapixels: 1, settings: ["window": 128]), 3.0, 1 as Int?)]
    let new = job("map:b", megapixels: 2)
    let other = job("publish:b", megapixels: 2)
    let forecast = JobForecast(try ledger(known), of: [new, other], threads: 1)
    #expect(forecast.estimate(of: new)?.seconds == 6)
    #expect(forecast.estimate(of: new)?.evidence.words == "from 1 earlier job with other settings")
    #expect(forecast.estimate(of: other) == nil && forecast.secondsPerMegapixel(of: other) == nil)
  }

  @Test("Of a ledger without sizes those of the plan serve")
  func oldLedger() throws {
    let again = job("map:a", megapixels: 4)
    let forecast = JobForecast(try ledger([(again, 8, nil)], keepsSize: false), of: [again], threads: 1)
    #expect(forecast.seconds(of: job("map:b", megapixels: 1)) == 2)
  }

  @Test("A training takes its last time, by its passes")
  func training() throws {
    let before = job(
      "train:t", settings: ["epochs": 10, "head-epochs": 5, "strategy": "linear-probe-then-full"])
    let now = job(
      "train:t", settings: ["epochs": 25, "head-epochs": 5, "strategy": "linear-probe-then-full"])
    let forecast = JobForecast(try ledger([(before, 60, 2)]), of: [now], threads: 4)
    #expect(forecast.seconds(of: now) == 60)
    #expect(forecast.estimate(of: now)?.evidence == .ownJob(sameSettings: false))
    #expect(forecast.secondsPerMegapixel(of: now) == nil)
    #expect(forecast.estimate(of: job("train:other")) == nil)
  }

  @Test("A training that was broken off tells by the passes in the log")
  func passes() throws {
    let log = site.output.appendingPathComponent("runs/20260101T000000Z-0000")
    try FileManager.default.createDirectory(at: log, withIntermediateDirectories: true)
    let times = ["00:00:00", "00:01:00", "00:01:20", "00:01:40"]
    let lines = times.enumerated().map { index, time in
      #"{"event":"\#(index == 0 ? "began" : "pass")","task":"train:t","time":"2026-01-01T\#(time)Z"}"#
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: log.appendingPathComponent("run.log.jsonl"))
    let training = job("train:t", settings: ["epochs": 30, "strategy": "full"])
    let estimate = JobForecast(Ledger(output: site.output), of: [training], threads: 1).estimate(of: training)
    #expect(estimate?.seconds == 600 && estimate?.evidence == .passes(2))
  }
}
