import Runs

/// The arrays in which jobs go to a cluster.
///
/// A training or an evaluation is an array of one element; where it can be prepared in parts, an array of
/// these goes before it. Jobs about scenes that follow each other stage by stage stay together, and several
/// scenes make an element of about as many seconds as asked for. An array waits for those that hold what its
/// jobs build on.
package struct ShardPlan: Sendable {
  /// Elements that one job has, in the place of a stage's.
  package struct Wave: Sendable {
    /// A word for the job's name: the stage.
    package let word: String
    package let shards: [Shard]
    /// The places of the waves that must have ended before.
    package let after: [Int]
  }

  /// The waves, each behind those that it waits for.
  package private(set) var waves: [Wave] = []

  /// Jobs that stay together, about one subject.
  private struct Unit {
    var jobs: [Job]
    let level: Int
    let isAlone: Bool
  }

  /// Puts jobs into arrays.
  ///
  /// - Parameters:
  ///   - due: the jobs that are to be done, in the order of the plan.
  ///   - shardSeconds: how long the scenes of an element are to take.
  ///   - largestArray: the most elements of an array.
  ///   - seconds: how long a job is expected to take; nil where nobody knows.
  package init(_ due: [Job], shardSeconds: Double, largestArray: Int, seconds: (Job) -> Double?) {
    var units: [Unit] = []
    var unitOf: [String: Int] = [:]
    for job in due {
      let before = job.dependencies.compactMap { unitOf[$0] }
      let scenes = Set(before.filter { !units[$0].isAlone })
      if !job.takesAllThreads, scenes.count == 1, let own = scenes.first,
        before.allSatisfy({ $0 == own || units[$0].level < units[own].level }),
        units[own].jobs[0].subject == job.subject
      {
        units[own].jobs.append(job)
        unitOf[job.id] = own
      } else {
        unitOf[job.id] = units.count
        let level = (before.map { units[$0].level }.max() ?? -1) + 1
        units.append(Unit(jobs: [job], level: level, isAlone: job.takesAllThreads))
      }
    }
    var waveOf: [String: Int] = [:]
    func wait(for jobs: [Job]) -> [Int] {
      let own = Set(jobs.map(\.id))
      return Set(jobs.flatMap(\.dependencies).filter { !own.contains($0) }.compactMap { waveOf[$0] }).sorted()
    }
    for level in Set(units.map(\.level)).sorted() {
      let here = units.filter { $0.level == level }
      for unit in here where unit.isAlone {
        add(unit.jobs[0], after: wait(for: unit.jobs), seconds(unit.jobs[0]))
        waveOf[unit.jobs[0].id] = waves.count - 1
      }
      let scenes = here.filter { !$0.isAlone }
      for (stage, units) in Self.byStage(scenes) {
        let shards = Self.shards(of: units, shardSeconds, seconds)
        for start in stride(from: 0, to: shards.count, by: largestArray) {
          let part = Array(shards[start..<min(start + largestArray, shards.count)])
          let jobs = part.flatMap(\.jobs)
          waves.append(Wave(word: stage, shards: part, after: wait(for: jobs)))
          for job in jobs { waveOf[job.id] = waves.count - 1 }
        }
      }
    }
  }

  /// Adds a job that goes alone, and before it the parts that it can be prepared in.
  private mutating func add(_ job: Job, after: [Int], _ seconds: Double?) {
    var after = after
    if let preparation = job.preparation, preparation.parts > 1 {
      let parts = (0..<preparation.parts).map { Shard([job], part: $0) }
      waves.append(Wave(word: "\(job.stage)-parts", shards: parts, after: after))
      after = [waves.count - 1]
    }
    waves.append(Wave(word: job.stage, shards: [Shard([job], seconds: seconds)], after: after))
  }

  /// Units in the order of the stages that they begin with.
  private static func byStage(_ units: [Unit]) -> [(stage: String, units: [Unit])] {
    var order: [String] = []
    for unit in units where !order.contains(unit.jobs[0].stage) { order.append(unit.jobs[0].stage) }
    return order.map { stage in (stage, units.filter { $0.jobs[0].stage == stage }) }
  }

  private static func shards(of units: [Unit], _ most: Double, _ seconds: (Job) -> Double?) -> [Shard] {
    var shards: [Shard] = []
    for unit in units {
      let times = unit.jobs.map(seconds)
      // One job that nobody can foretell makes the whole unit unknown, and an element of its own.
      let time = times.contains { $0 == nil } ? nil : times.reduce(0) { $0 + ($1 ?? 0) }
      if let time, let last = shards.last, let taken = last.seconds, taken + time <= most {
        shards[shards.count - 1] = Shard(last.jobs + unit.jobs, seconds: taken + time)
      } else {
        shards.append(Shard(unit.jobs, seconds: time))
      }
    }
    return shards
  }
}
