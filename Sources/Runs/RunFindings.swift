import Settings

/// The findings of a run's jobs, rendered as lines for people: how good the models are, how much ground each
/// class covers, how much of it changed.
package struct RunFindings {
  package let outcomes: [JobOutcome]
  package let classes: [String]

  /// Columns that a terminal has at least.
  private static let width = 80
  /// Comparisons, and pairs of classes of each, that are shown.
  private static let (mostChanges, mostTransitions) = (5, 3)

  package init(_ report: RunReport, plan: Plan) {
    // What this run did comes first: a night maps one scene of many.
    let successes = report.outcomes.filter(\.status.isSuccess)
    outcomes = successes.filter { $0.status == .done } + successes.filter { $0.status != .done }
    classes = plan.pipeline.classes
  }

  /// The lines in blocks, each for one kind of figure; empty where there is none.
  package var blocks: [[String]] { [scores, areas, changes].filter { !$0.isEmpty } }

  private func findings(_ outcome: JobOutcome) -> [Finding] { outcome.output?.findings ?? [] }

  private var scores: [String] {
    outcomes.compactMap { outcome in
      let found = findings(outcome)
      for headline in FindingKey.headlines {
        guard let score = found[headline.key]?.number else { continue }
        return "\(headline.name) on held-out labels: \(Self.rounded(score, 3)) (\(outcome.job.label))"
      }
      return nil
    }
  }

  // MARK: - Areas

  /// A table with a row a class and a column a map, as many as fit.
  private var areas: [String] {
    let maps = maps
    guard !maps.isEmpty, !classes.isEmpty else { return [] }
    let unit = maps.allSatisfy { area($0, classes[0], "hectares") != nil } ? "hectares" : "pixels"
    var rows = [[unit]] + classes.map { [$0] }
    var shown = 0
    for map in maps {
      let name = Self.shortened(map.subject)
      let column = [name] + classes.map { area(map, $0, unit).map { Self.grouped($0, unit) } ?? "-" }
      let wider = zip(rows, column).map { $0 + [$1] }
      if shown > 0, ResultTable.aligned(wider)[0].count > Self.width { break }
      (rows, shown) = (wider, shown + 1)
    }
    let rest = maps.count - shown
    return ResultTable.aligned(rows)
      + (rest > 0 ? ["and \(rest) more \(rest == 1 ? "map" : "maps"); summary.json has their areas"] : [])
  }

  private typealias Map = (subject: String, areas: FindingTable)

  /// The maps with the areas of their classes: of one that is cleaned before it is published those of the
  /// cleaned map.
  private var maps: [Map] {
    var cleaned: [String: FindingTable] = [:]
    for outcome in outcomes {
      guard let table = findings(outcome)[.cleanedAreas]?.table else { continue }
      for earlier in outcome.job.dependencies { cleaned[earlier] = table }
    }
    return outcomes.compactMap { outcome in
      findings(outcome)[.classAreas]?.table.map { (outcome.job.subject, cleaned[outcome.job.id] ?? $0) }
    }
  }

  private func area(_ map: Map, _ name: String, _ unit: String) -> Double? {
    map.areas.row(where: "class", is: name)?[unit]?.double
  }

  // MARK: - Changes

  private var changes: [String] {
    let pairs = outcomes.filter { findings($0)[.changedPixels] != nil }
    let lines = pairs.prefix(Self.mostChanges).flatMap(change)
    let rest = pairs.count - min(pairs.count, Self.mostChanges)
    return lines + (rest > 0 ? ["and \(rest) more comparisons; summary.json has them"] : [])
  }

  /// `changed: 54 of 1,446 hectares (3.7 %), 2023--2024`, and the largest transitions.
  private func change(_ outcome: JobOutcome) -> [String] {
    let found = findings(outcome)
    let inHectares = found[.changedHectares]?.number != nil
    let unit = inHectares ? "hectares" : "pixels"
    guard let changed = found[inHectares ? .changedHectares : .changedPixels]?.number,
      let observed = found[inHectares ? .observedHectares : .observedPixels]?.number
    else { return [] }
    let share = observed > 0 ? 100 * changed / observed : 0
    let line =
      "changed: \(Self.grouped(changed, unit)) of \(Self.grouped(observed, unit)) \(unit) "
      + "(\(Self.rounded(share, 1)) %), \(outcome.job.subject)"
    let transitions = (found[.transitions]?.table?.rows ?? []).compactMap { row in
      row[unit]?.double.map { ("\(row["from"]?.text ?? "") -> \(row["to"]?.text ?? "")", $0) }
    }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    return [line]
      + transitions.prefix(Self.mostTransitions).map { "  \($0): \(Self.grouped($1, unit))" }
  }

  // MARK: - Numbers

  private static func rounded(_ value: Double, _ digits: Int) -> String {
    let factor = [1.0, 10, 100, 1000][digits]
    return "\((value * factor).rounded() / factor)"
  }

  /// One decimal of hectares, whole pixels, thousands apart.
  private static func grouped(_ value: Double, _ unit: String) -> String {
    let pixels = unit == "pixels" ? Int(exactly: value.rounded()) : nil
    let text = pixels.map { "\($0)" } ?? rounded(value, 1)
    let parts = text.split(separator: ".")
    var whole = ""
    for (index, digit) in parts[0].reversed().enumerated() {
      if index > 0 && index % 3 == 0 { whole = "," + whole }
      whole = String(digit) + whole
    }
    return parts.count > 1 ? "\(whole).\(parts[1])" : whole
  }

  private static func shortened(_ name: String) -> String {
    name.count > 28 ? "\(name.prefix(27))…" : name
  }
}
