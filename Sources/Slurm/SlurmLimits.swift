import Foundation

/// The limits of a cluster that decide what jobs ask for.
struct SlurmLimits {
  /// The most elements of an array.
  let largestArray: Int

  /// The number of elements that arrays have where the cluster does not say what it takes: Slurm's default
  /// of `MaxArraySize`, which counts from 0, less one.
  private static let usual = 1000

  /// Asks the cluster.
  init(_ command: any SlurmPrograms) {
    let text = (try? command.call("scontrol", ["show", "config"]))?.output ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MaxArraySize") }
    let size = line.flatMap { Int($0.split(separator: "=").last?.trimmingCharacters(in: .whitespaces) ?? "") }
    largestArray = max(1, (size ?? Self.usual + 1) - 1)
  }

  /// Returns the most seconds that a job may ask for in each of some partitions, or in the cluster's own; nil
  /// where the cluster sets no limit, or does not say.
  static func longestTime(of partition: String?, by command: any SlurmPrograms) -> Double? {
    let choice = partition.map { ["--partition=\($0)"] } ?? []
    let text = (try? command.call("sinfo", ["--noheader", "--format=%P|%l"] + choice))?.output ?? ""
    return text.split(separator: "\n").compactMap { line -> Double? in
      let parts = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      // A star marks the cluster's own.
      guard parts.count == 2, partition != nil || parts[0].hasSuffix("*") else { return nil }
      return seconds(of: parts[1])
    }.min()
  }

  /// Seconds of a time as Slurm writes it, `[[days-]hours:]minutes:seconds`; nil for `infinite`.
  private static func seconds(of text: String) -> Double? {
    let parts = text.split(separator: "-")
    let clock = (parts.last ?? "").split(separator: ":").map { Double($0) }
    guard (1...2).contains(parts.count), (1...3).contains(clock.count), !clock.contains(nil) else {
      return nil
    }
    let days = parts.count == 2 ? Double(parts[0]) : 0
    return days.map { $0 * 86_400 + clock.reduce(0) { $0 * 60 + ($1 ?? 0) } }
  }
}
