import Runs

/// The runs one by one: when, how they ended, how much they did.
struct RunsSection {
  let runs: [RecordedRun]
  let unreadable: [RunHistory.Unreadable]

  /// The colour of a run's end: of one that did not do all it was to, by whether it has a product to show.
  static func tone(of run: RecordedRun) -> Tone {
    switch run.state {
    case .running: .wait
    case .brokenOff: .bad
    case .finished: run.exitCode == nil ? .plain : run.exitCode == 0 ? .good : run.hasProducts ? .warn : .bad
    }
  }

  var html: HTML {
    let table = PageTable(
      caption: "Runs, the newest first",
      columns: [
        .init("Began"), .init("Pipeline"), .init("End"), .init("Exit code", isNumber: true),
        .init("New", isNumber: true), .init("Reused", isNumber: true), .init("Failed", isNumber: true),
        .init("Not reached", isNumber: true), .init("Time", isNumber: true),
        .init("Peak memory", isNumber: true),
      ],
      rows: runs.reversed().map { run in
        let counts = run.counts
        let failed = counts[.failed, default: 0] + counts[.blocked, default: 0]
        func number(_ count: Int) -> PageTable.Cell {
          .init(number: run.state == .finished ? Double(count) : nil) { ShownNumber.decimal($0) }
        }
        let word = Outcome(of: run).word
        return [
          .init(moment: run.began.map(ShownNumber.moment) ?? run.id, value: run.id), .init(.name(run.name)),
          .init(.mark(word, tone: Self.tone(of: run).rawValue), value: word),
          .init(number: run.exitCode.map(Double.init)) { ShownNumber.decimal($0) },
          number(counts[.done, default: 0]), number(counts[.upToDate, default: 0]), number(failed),
          number(counts[.notReached, default: 0]), .init(number: run.seconds, ShownNumber.duration),
          .init(number: run.peakMemory.map(Double.init)) { ShownNumber.bytes($0) },
        ]
      }, id: "run-table")
    let broken = PageTable(
      caption: "Records that cannot be read", columns: [.init("Run"), .init("Reason")],
      rows: unreadable.map { [.init(.name($0.id)), .init(.text($0.reason))] })
    return .section("Runs", id: "runs", [codes, table.html, broken.html])
  }

  /// How many runs ended with each exit code.
  private var codes: HTML {
    let counts = runs.compactMap(\.exitCode).reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    guard counts.count > 1 else { return .nothing }
    return .element(
      "ul", ["class": "legend", "aria-label": "Exit codes"],
      counts.sorted { $0.key < $1.key }.map { code, count in
        .element(
          "li", [:],
          [
            .mark("\(count) \u{00D7} exit \(code)", tone: Outcome.tone(ofExitCode: code).rawValue),
            .text(" \(Outcome.words(ofExitCode: code))"),
          ])
      })
  }
}

/// How long runs took, and how much memory.
struct CostSection {
  let runs: [RecordedRun]

  var html: HTML {
    let timed = runs.filter { $0.seconds != nil }
    guard timed.count > 1 else { return .nothing }
    func bars(_ value: (RecordedRun) -> Double?, _ words: (Double) -> String) -> [RunBars.Bar] {
      timed.compactMap { run in
        value(run).map {
          .init(
            words: "\(run.began.map(ShownNumber.moment) ?? run.id): \(words($0))", value: $0,
            tone: RunsSection.tone(of: run))
        }
      }
    }
    let longest = timed.compactMap(\.seconds).max() ?? 0
    let (unit, factor) =
      longest >= 7200 ? ("hours", 3600.0) : longest >= 120 ? ("minutes", 60.0) : ("seconds", 1)
    let time = RunBars(
      title: "Time of each run in \(unit)",
      bars: bars({ $0.seconds.map { $0 / factor } }) { ShownNumber.duration($0 * factor) },
      mark: ShownNumber.figure)
    let memory = RunBars(
      title: "Peak memory of each run in GiB",
      bars: bars({ $0.peakMemory.map { Double($0) / Double(1 << 30) } }) {
        ShownNumber.bytes($0 * Double(1 << 30))
      },
      mark: ShownNumber.figure)
    return .section(
      "Time and memory", id: "cost",
      [
        .note("A bar a run, the newest on the right; its colour says how the run ended."),
        .element(
          "div", class: "columns",
          [time, memory].filter { !$0.bars.isEmpty }.map { chart in
            .element(
              "figure", [:], [.element("figcaption", [:], [.text(chart.title)]), chart.html])
          }), stages,
      ])
  }

  /// The time of each stage over all runs.
  private var stages: HTML {
    var seconds: [String: Double] = [:]
    var tasks: [String: Int] = [:]
    for stage in runs.flatMap(\.stages) {
      seconds[stage.label, default: 0] += stage.seconds
      tasks[stage.label, default: 0] += stage.tasks.count { $0.status == .done }
    }
    let total = max(seconds.values.reduce(0, +), .leastNonzeroMagnitude)
    return PageTable(
      caption: "Time of the stages over all runs",
      columns: [
        .init("Stage"), .init("Tasks carried out", isNumber: true), .init("Share of the time"),
        .init("Time", isNumber: true),
      ],
      rows: seconds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { stage, time in
        [
          .init(.name(stage)), .init(number: tasks[stage].map(Double.init)) { ShownNumber.decimal($0) },
          .init(Bars.bar(time / total)), .init(number: time, ShownNumber.duration),
        ]
      }
    ).html
  }
}

extension RecordedRun {
  /// Whether files of a product are in place that the run made, or found made.
  fileprivate var hasProducts: Bool {
    tasks.contains { $0.status.isSuccess && $0.files.contains { $0.path.hasPrefix("products/") } }
  }
}
