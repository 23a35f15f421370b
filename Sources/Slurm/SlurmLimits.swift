import Foundation

/// The limits of a cluster that decide how jobs are put into arrays.
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
}
