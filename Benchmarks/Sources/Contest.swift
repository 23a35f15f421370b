import Foundation

/// Somebody who can do the same work again and again.
protocol Contestant {
  /// As the report names it.
  var name: String { get }
  /// Does the work once.
  ///
  /// - Returns: how long it took, in seconds.
  func round() throws -> Double
}

/// Work of ours, timed in this process.
struct Ours: Contestant {
  let name: String
  let work: () throws -> Void

  func round() throws -> Double {
    let begin = DispatchTime.now().uptimeNanoseconds
    try work()
    return Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9
  }
}

/// Several contestants who take turns, so that all meet the same machine whatever else it does.
struct Contest {
  /// Seconds of each round, a contestant each.
  private(set) var seconds: [[Double]] = []
  let names: [String]

  /// - Parameter warmUps: rounds that do not count.
  init(_ contestants: [any Contestant], rounds: Int, warmUps: Int = 1) throws {
    names = contestants.map(\.name)
    seconds = Array(repeating: [], count: contestants.count)
    for round in -warmUps..<rounds {
      for (index, contestant) in contestants.enumerated() {
        // Threads of the one before may still spin for a moment.
        usleep(200_000)
        let taken = try contestant.round()
        if round >= 0 { seconds[index].append(taken) }
      }
    }
  }

  /// The median time of a contestant, in seconds.
  func median(_ index: Int) -> Double { Spread(seconds[index]).median }

  /// How many times as long as another a contestant took, round by round.
  func ratio(_ index: Int, to other: Int) -> Spread {
    Spread(zip(seconds[index], seconds[other]).map { $0 / $1 })
  }
}

/// The middle and the ends of some measurements.
struct Spread: CustomStringConvertible {
  let median, least, most: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    (median, least, most) = (sorted[sorted.count / 2], sorted[0], sorted[sorted.count - 1])
  }

  var description: String {
    String(format: "%.2f (%.2f to %.2f)", median, least, most)
  }
}
