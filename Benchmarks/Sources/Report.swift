import Foundation

/// The results as Markdown, shown while they come.
struct Report {
  private(set) var text = ""

  mutating func line(_ line: String = "") {
    print(line)
    text += line + "\n"
  }

  /// A table of a contest, whose first contestants are ours: a column each says how many times as fast they are.
  mutating func section(_ title: String, _ contest: Contest, ours: Int = 1, unit: String, amount: Double) {
    heading(title)
    let columns = (0..<ours).map { " \(contest.names[$0]) is faster by |" }.joined()
    line("| | \(unit) |\(columns)")
    line("|---|---:|" + String(repeating: "---:|", count: ours))
    for index in contest.names.indices {
      let rate = String(format: "%.2f", amount / contest.median(index))
      let factors = (0..<ours).map { index < ours ? " |" : " \(contest.ratio(index, to: $0)) |" }.joined()
      line("| \(contest.names[index]) | \(rate) |\(factors)")
    }
    line()
  }

  mutating func heading(_ title: String) {
    if !text.isEmpty { line() }
    line("## \(title)")
    line()
  }
}

/// What the measurements were made on.
enum Machine {
  /// The CPU's model, cores and the instructions that matter here.
  static var description: String {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let memory = ProcessInfo.processInfo.physicalMemory >> 30
    let present = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"].filter(flags.contains)
    return
      "\(value("model name") ?? "unknown CPU"), \(cores) cores, \(memory) GiB, \(present.joined(separator: ", "))"
  }

  /// Whether bf16 arithmetic is in hardware: without it a peer's bf16 says nothing.
  static var hasBF16: Bool { flags.contains("avx512_bf16") }

  private static let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  private static let flags = Set((value("flags") ?? "").split(separator: " ").map(String.init))

  private static func value(_ key: String) -> String? {
    cpu.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":").dropFirst().first
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
