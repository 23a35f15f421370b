import Foundation

/// The results as Markdown, shown while they come.
struct Report {
  private(set) var text = ""

  mutating func line(_ line: String = "") {
    print(line)
    text += line + "\n"
  }

  /// A table of a contest; the first contestant is ours.
  mutating func section(_ title: String, _ contest: Contest, unit: String, amount: Double) {
    heading(title)
    line("| | \(unit) | terrane is faster by a factor of |")
    line("|---|---:|---:|")
    for index in contest.names.indices {
      let rate = String(format: "%.2f", amount / contest.median(index))
      line("| \(contest.names[index]) | \(rate) | \(index == 0 ? "" : "\(contest.ratio(index))") |")
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
