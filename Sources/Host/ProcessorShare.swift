import Foundation

/// The number of processors that a process may keep busy: the least of what affinity, control groups and
/// Slurm leave it.
///
/// More threads than that only wait for each other: a job of Slurm with 4 of 64 cores, or a container with a
/// quota, sees all cores of the machine otherwise.
public struct ProcessorShare {
  /// The folder that `proc` lies in, and below which control groups are mounted: `/`, or another for tests.
  private let root: String
  private let environment: [String: String]
  /// Processors that the scheduler may put the process on.
  private let affinity: Int

  package init(root: String, environment: [String: String], affinity: Int) {
    (self.root, self.environment, self.affinity) = (root, environment, affinity)
  }

  /// The number of processors that this process may use; at least 1.
  public static var count: Int {
    ProcessorShare(
      root: "/", environment: ProcessInfo.processInfo.environment,
      affinity: schedulable ?? ProcessInfo.processInfo.activeProcessorCount
    ).count
  }

  /// The number of processors, at least 1. A quota of 1.5 processors is 2: one thread would leave a third of
  /// it.
  package var count: Int {
    let quotas = quotas.map { Int(min($0, 4096).rounded(.up)) }
    let asked = environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) } ?? 0
    return max(1, ([affinity] + quotas + (asked > 0 ? [asked] : [])).min()!)
  }

  /// The processors of `sched_getaffinity`, which glibc declares for C only; nil where there is no such call.
  private static var schedulable: Int? {
    typealias Call = @convention(c) (Int32, Int, UnsafeMutableRawPointer) -> Int32
    guard let call = dlsym(nil, "sched_getaffinity").map({ unsafeBitCast($0, to: Call.self) }) else {
      return nil
    }
    // A bit a processor, for more than any machine has: the call fails where they are too few.
    var mask = [UInt8](repeating: 0, count: 8192)
    guard call(0, mask.count, &mask) == 0 else { return nil }
    return mask.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  // MARK: - Control groups

  /// Processors that each control group above the process leaves it; groups without a limit are left out.
  ///
  /// - Source: cgroups(7), proc(5) and the kernel's cgroup-v2.rst: `cpu.max`, in version 1
  ///   `cpu.cfs_quota_us`.
  private var quotas: [Double] {
    lines(of: "proc/self/cgroup").flatMap { line -> [Double] in
      // `0::/user.slice` in version 2, `4:cpu,cpuacct:/docker/ab12` in version 1.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let isUnified = parts[1].isEmpty
      guard isUnified || parts[1].split(separator: ",").contains("cpu"),
        let mount = mount(isUnified: isUnified)
      else { return [] }
      return folders(of: String(parts[2]), mount).compactMap { isUnified ? unifiedQuota($0) : quota($0) }
    }
  }

  private struct Mount {
    /// The group whose folder the mount shows.
    let group: String
    let folder: String
  }

  /// Finds the mount point of the groups that share out processors.
  private func mount(isUnified: Bool) -> Mount? {
    lines(of: "proc/self/mountinfo").lazy.compactMap { line -> Mount? in
      // `36 35 0:30 / /sys/fs/cgroup/cpu rw,nosuid - cgroup cgroup rw,cpu,cpuacct`
      let words = line.split(separator: " ")
      guard let dash = words.firstIndex(of: "-"), dash >= 5, words.count > dash + 3 else { return nil }
      let isWanted =
        isUnified
        ? words[dash + 1] == "cgroup2"
        : words[dash + 1] == "cgroup" && words[dash + 3].split(separator: ",").contains("cpu")
      return isWanted ? Mount(group: String(words[3]), folder: String(words[4])) : nil
    }.first
  }

  /// Returns the folders of a group and of all groups above it, as far as the mount shows them. In a
  /// container the group may be named from the machine's root, and the mount begin at the group.
  private func folders(of group: String, _ mount: Mount) -> [String] {
    func steps(_ path: String) -> [Substring] { path.split(separator: "/") }
    let (own, above) = (steps(group), steps(mount.group))
    let below = own.starts(with: above) && !own.contains("..") ? own.dropFirst(above.count) : []
    return (0...below.count).map { ([Substring(mount.folder)] + below.prefix($0)).joined(separator: "/") }
  }

  private func unifiedQuota(_ folder: String) -> Double? {
    // `150000 100000`: microseconds of each period; `max 100000` without a limit.
    let words = lines(of: folder + "/cpu.max").first?.split(separator: " ") ?? []
    guard words.count == 2, let time = Double(words[0]), let period = Double(words[1]), period > 0 else {
      return nil
    }
    return time / period
  }

  private func quota(_ folder: String) -> Double? {
    func number(_ name: String) -> Double? { lines(of: "\(folder)/\(name)").first.flatMap { Double($0) } }
    // -1 without a limit.
    guard let time = number("cpu.cfs_quota_us"), let period = number("cpu.cfs_period_us"), time > 0,
      period > 0
    else { return nil }
    return time / period
  }

  /// Returns the lines of a file; none where it cannot be read.
  private func lines(of path: String) -> [Substring] {
    let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8)
    return text?.split(separator: "\n") ?? []
  }
}
