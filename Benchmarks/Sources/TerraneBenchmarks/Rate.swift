import Foundation

/// How much of something is done in a second, from several rounds of the same work.
struct Rate {
  /// The median over the rounds, and the slowest and fastest.
  let median, least, most: Double

  /// Does the work once unmeasured, so that memory and kernels are there, then `rounds` times.
  ///
  /// - Parameter amount: how much one round does.
  init(rounds: Int, amount: Double, _ work: () throws -> Void) rethrows {
    try work()
    let rates = try (0..<rounds).map { _ in
      let begin = DispatchTime.now().uptimeNanoseconds
      try work()
      return amount / (Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9)
    }.sorted()
    (median, least, most) = (rates[rounds / 2], rates[0], rates[rounds - 1])
  }

  /// One line of the report.
  func line(_ title: String, unit: String) -> String {
    func shown(_ value: Double) -> String { String(format: "%.2f", value) }
    return "\(title): \(shown(median)) \(unit) (\(shown(least)) to \(shown(most)))"
  }
}
