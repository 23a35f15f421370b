import Foundation
import Settings

/// Foretells how long jobs will take, from the records of jobs that were done before below the same output
/// directory.
///
/// A job about scenes is held against earlier jobs of its stage, by the seconds of one thread for a
/// megapixel; any other one, a training, against its own earlier turns. Threads are taken to share the work
/// evenly.
public struct JobForecast {
  /// The time that a job will probably take.
  public struct Estimate: Sendable, Hashable {
    /// Seconds, with the threads of the forecast.
    public let seconds: Double
    /// The earlier jobs that it follows from.
    public let evidence: Evidence
  }

  /// The earlier jobs that an estimate follows from.
  public enum Evidence: Sendable, Hashable {
    /// As many jobs of the stage about other scenes; whether under the same settings.
    case scenes(Int, sameSettings: Bool)
    /// An earlier turn of the job itself; whether under the same settings.
    case ownJob(sameSettings: Bool)
    /// Passes of a training of the job that did not come to its end.
    case passes(Int)

    /// "from 12 earlier jobs", "from its last time, with other settings".
    public var words: String {
      switch self {
      case .scenes(let count, let isSame):
        "from \(count) earlier \(count == 1 ? "job" : "jobs")" + (isSame ? "" : " with other settings")
      case .ownJob(let isSame): "from its last time" + (isSame ? "" : ", with other settings")
      case .passes(let count):
        "from \(count) \(count == 1 ? "pass" : "passes") of a training that was broken off"
      }
    }
  }

  /// A job that was done.
  private struct Record {
    let megapixels: Double
    /// Seconds of one thread for a megapixel.
    let rate: Double
    let keyText: String
  }

  private let ledger: Ledger
  private let threads: Int
  private let records: [String: [Record]]
  private let passes: RecordedPasses

  /// Jobs that a rate is the median of: those whose scenes are nearest in size.
  private static let nearest = 15
  /// The newest jobs of a stage that are looked at.
  private static let newest = 400

  /// Reads what is known.
  ///
  /// - Parameters:
  ///   - jobs: the plan's jobs, which tell the sizes of scenes of which the ledger has none.
  ///   - threads: those that the jobs will have.
  public init(_ ledger: Ledger, of jobs: [Job], threads: Int) {
    (self.ledger, self.threads) = (ledger, threads)
    passes = RecordedPasses(below: ledger.output)
    let planned = Dictionary(jobs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let stages = Set(jobs.map(\.stage))
    var records: [String: [Record]] = [:]
    let newest = ledger.allEntries.sorted { ($1.recorded ?? 0) < ($0.recorded ?? 0) }
    for entry in newest {
      let stage = String(entry.job.prefix { $0 != ":" })
      guard stages.contains(stage), records[stage]?.count ?? 0 < Self.newest, entry.seconds > 0,
        let megapixels = entry.megapixels ?? planned[entry.job].flatMap(Self.megapixels), megapixels > 0
      else { continue }
      records[stage, default: []].append(
        Record(
          megapixels: megapixels, rate: entry.seconds * Double(entry.threads ?? threads) / megapixels,
          keyText: entry.keyText))
    }
    self.records = records
  }

  /// Returns the time that a job will probably take; nil where nothing is known.
  public func estimate(of job: Job) -> Estimate? {
    if let megapixels = Self.megapixels(of: job), megapixels > 0 {
      guard let (rate, evidence) = rate(of: job, megapixels) else { return nil }
      return Estimate(seconds: rate * megapixels / Double(threads), evidence: evidence)
    }
    guard let entry = ledger.latest(job: job.id), entry.seconds > 0 else { return unfinished(job) }
    let share = job.passes.flatMap { now in
      entry.components?.passes.map { Double(now) / Double(max(1, $0)) }
    }
    return Estimate(
      seconds: entry.seconds * (share ?? 1) * Double(entry.threads ?? threads) / Double(threads),
      evidence: .ownJob(sameSettings: Self.hasSettings(of: job, entry.keyText)))
  }

  /// Returns the time of a training of which nothing but passes is known.
  private func unfinished(_ job: Job) -> Estimate? {
    guard let wanted = job.passes, let known = passes.seconds(of: job.id) else { return nil }
    return Estimate(seconds: known.each * Double(wanted), evidence: .passes(known.count))
  }

  /// Returns the seconds that a job will probably take; nil where nothing is known.
  public func seconds(of job: Job) -> Double? { estimate(of: job)?.seconds }

  /// Returns the seconds that a megapixel of a job's scenes will probably take, with the threads of the
  /// forecast; nil where the job is about no scene, or nothing is known.
  public func secondsPerMegapixel(of job: Job) -> Double? {
    guard let megapixels = Self.megapixels(of: job), megapixels > 0 else { return nil }
    return rate(of: job, megapixels).map { $0.rate / Double(threads) }
  }

  private func rate(of job: Job, _ megapixels: Double) -> (rate: Double, evidence: Evidence)? {
    let known = records[job.stage] ?? []
    let same = known.filter { Self.hasSettings(of: job, $0.keyText) }
    let chosen = same.isEmpty ? known : same
    let near = chosen.sorted { abs(log($0.megapixels / megapixels)) < abs(log($1.megapixels / megapixels)) }
      .prefix(Self.nearest).map(\.rate).sorted()
    guard !near.isEmpty else { return nil }
    return (near[near.count / 2], .scenes(near.count, sameSettings: !same.isEmpty))
  }

  private static func megapixels(of job: Job) -> Double? { job.megapixels.flatMap { try? $0() } }

  private static func hasSettings(of job: Job, _ keyText: String) -> Bool {
    keyText.contains("\"settings\":\(job.components.settings.canonical)")
  }
}

extension Job {
  /// The passes over the chips that its settings ask for; nil where it trains nothing.
  fileprivate var passes: Int? { components.passes }
}

extension KeyComponents {
  /// The passes over the chips that the settings ask for; nil where they ask for none.
  fileprivate var passes: Int? {
    guard let epochs = settings["epochs"]?.double else { return nil }
    let head =
      settings["strategy"]?.text == "linear-probe-then-full" ? settings["head-epochs"]?.double ?? 0 : 0
    return Int(epochs + head)
  }
}
