import Foundation
import Host
import Runs
import Tasks
import Transfer

/// The scores of all trials, as they come in; each trial's are kept, so that an interrupted evaluation goes
/// on after it.
struct EvaluationResults<Score: ReportedScore> {
  /// The scores of one contestant in one trial.
  struct Entry: Codable {
    let contestant: EvaluatedModel
    let seedIndex: Int
    let fraction: Double
    let scores: Score
    let seconds: Double
    let course: [TrainingLoop.Epoch]
    /// Warnings of the contestant's trainings.
    let warnings: [String]
    /// The candidate that ``EvaluatedModel/chosen`` stands for.
    var choice: Int?
  }

  private(set) var entries: [Entry] = []

  /// Runs a trial and adds its scores, or those that an earlier run has kept of it.
  mutating func add<Task: PredictionTask>(_ trial: Trial, of chain: EvaluatedChain, by task: Task) throws
  where Task.Score == Score {
    let kept = chain.context.unfinished.appendingPathComponent("\(trial.id).json")
    if let data = try? RegularFile.contents(of: kept.path),
      let known = try? JSONDecoder().decode([Entry].self, from: data)
    {
      entries += known
      return
    }
    var own: [Entry] = []
    try chain.run(trial) { contestant, model, training in
      chain.context.progress.note("\(trial.title): score \(chain.name(of: contestant, among: []))")
      own.append(
        Entry(
          contestant: contestant, seedIndex: trial.seedIndex, fraction: trial.fraction,
          scores: try trial.heldOut.score(model, by: task), seconds: training.seconds,
          course: training.course,
          warnings: training.warnings.map {
            "\(chain.name(of: contestant, among: [])), \(trial.title): \($0)"
          }))
    }
    if !trial.inner.isEmpty {
      let best = try chain.bestCandidate(trial) {
        Score.headline.gain(of: try $0.heldOut.score($1, by: task).headline, over: 0)
      }
      if let entry = own.first(where: { $0.contestant == .candidate(best) }) {
        own.append(
          Entry(
            contestant: .chosen, seedIndex: entry.seedIndex, fraction: entry.fraction, scores: entry.scores,
            seconds: entry.seconds, course: [], warnings: [], choice: best))
      }
    }
    entries += own
    try DurableFiles.makeDirectory(chain.context.unfinished)
    try DurableFiles.write(try JSONEncoder().encode(own), to: kept)
    // The unfinished trainings of the trial have served.
    let directory = chain.context.unfinished
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    where name.hasPrefix("\(trial.id)-") {
      try? FileManager.default.removeItem(at: directory.appendingPathComponent(name))
    }
  }

  /// The contestants that have scores, in the order in which tables show them.
  var contestants: [EvaluatedModel] {
    var seen: Set<EvaluatedModel> = []
    return entries.map(\.contestant).filter { seen.insert($0).inserted }
      .sorted { $0.place < $1.place }
  }

  /// Returns the scores of a contestant on a share of the labels, those of all folds together, for each seed.
  func bySeed(_ contestant: EvaluatedModel, fraction: Double = 1) -> [Score] {
    let own = entries.filter { $0.contestant == contestant && $0.fraction == fraction }
    return Dictionary(grouping: own, by: \.seedIndex).sorted { $0.key < $1.key }.map { _, entries in
      entries.dropFirst().reduce(into: entries[0].scores) { $0.add($1.scores) }
    }
  }

  /// Warnings of the trainings: five sentences at most, and how many more there are.
  var warnings: [String] {
    let all = entries.flatMap(\.warnings)
    return all.prefix(5)
      + (all.count > 5 ? ["\(all.count - 5) more warnings of the evaluation's trainings"] : [])
  }

  /// The shares of the labels that there are scores of, all labels last.
  var fractions: [Double] { Set(entries.map(\.fraction)).sorted() }

  /// Returns the seconds of a contestant's own trainings on all labels.
  func seconds(_ contestant: EvaluatedModel) -> Double {
    entries.filter { $0.contestant == contestant && $0.fraction == 1 }.reduce(0) { $0 + $1.seconds }
  }

  /// Returns the held-out score after each pass, the mean over trials on all labels.
  func course(_ contestant: EvaluatedModel) -> [Double] {
    let courses = entries.filter { $0.contestant == contestant && $0.fraction == 1 }
      .map { $0.course.compactMap(\.monitored) }.filter { !$0.isEmpty }
    let length = courses.map(\.count).min() ?? 0
    return (0..<length).map { pass in courses.reduce(0) { $0 + $1[pass] } / Double(courses.count) }
  }

  /// The number of times that each candidate was the choice of the inner folds.
  var choices: [Int: Int] {
    entries.compactMap(\.choice).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

extension EvaluatedModel {
  /// The contestant's place in tables: the source's model, the chain, the network from scratch, other
  /// recipes.
  fileprivate var place: (group: Int, index: Int) {
    switch self {
    case .sourceOnly: (0, 0)
    case .stage(let index): (1, index)
    case .scratch: (2, 0)
    case .candidate(let index): (3, index)
    case .chosen: (4, 0)
    }
  }
}
