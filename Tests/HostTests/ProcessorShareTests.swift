import Foundation
import Host
import Testing

/// A machine as the process sees it.
struct SeenMachine: CustomTestStringConvertible, Sendable {
  let testDescription: String
  var cores = 64
  /// Lines of /proc/self/cgroup and of the mounts.
  var groups = ""
  var mounts = ""
  var files: [String: String] = [:]
  var environment: [String: String] = [:]
  let expected: Int

  static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
  static let first = "33 25 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"

  static let all = [
    SeenMachine(testDescription: "nothing limits", expected: 64),
    SeenMachine(testDescription: "affinity", cores: 4, expected: 4),
    SeenMachine(testDescription: "Slurm", environment: ["SLURM_CPUS_PER_TASK": "8"], expected: 8),
    SeenMachine(
      testDescription: "Slurm, more than the affinity", cores: 4, environment: ["SLURM_CPUS_PER_TASK": "8"],
      expected: 4),
    SeenMachine(
      testDescription: "Slurm without a number", environment: ["SLURM_CPUS_PER_TASK": "4(x2)"], expected: 64),
    SeenMachine(testDescription: "Slurm of none", environment: ["SLURM_CPUS_PER_TASK": "0"], expected: 64),
    SeenMachine(
      testDescription: "version 2", groups: "0::/job", mounts: unified,
      files: ["sys/fs/cgroup/job/cpu.max": "200000 100000\n"], expected: 2),
    SeenMachine(
      testDescription: "version 2, no limit", groups: "0::/job", mounts: unified,
      files: ["sys/fs/cgroup/job/cpu.max": "max 100000\n"], expected: 64),
    SeenMachine(
      testDescription: "version 2, a limit two groups above", groups: "0::/a/b/c", mounts: unified,
      files: ["sys/fs/cgroup/a/cpu.max": "350000 100000\n", "sys/fs/cgroup/a/b/c/cpu.max": "max 100000\n"],
      expected: 4),
    SeenMachine(
      testDescription: "version 2, half a processor", groups: "0::/job", mounts: unified,
      files: ["sys/fs/cgroup/job/cpu.max": "50000 100000\n"], expected: 1),
    SeenMachine(
      testDescription: "version 2 in a container", groups: "0::/", mounts: unified,
      files: ["sys/fs/cgroup/cpu.max": "300000 100000\n"], expected: 3),
    SeenMachine(
      testDescription: "version 2, outside of what is mounted", groups: "0::/../elsewhere", mounts: unified,
      files: ["sys/fs/cgroup/cpu.max": "300000 100000\n"], expected: 3),
    SeenMachine(
      testDescription: "version 1", groups: "4:memory:/x\n2:cpu,cpuacct:/job\n0::/", mounts: first,
      files: [
        "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "600000\n",
        "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
      ], expected: 6),
    SeenMachine(
      testDescription: "version 1, no limit", groups: "2:cpu,cpuacct:/job", mounts: first,
      files: [
        "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
      ], expected: 64),
    SeenMachine(
      testDescription: "version 1 in a container that knows its name outside",
      groups: "2:cpu,cpuacct:/docker/ab12",
      mounts: first.replacingOccurrences(of: "0:30 / ", with: "0:30 /docker/ab12 "),
      files: [
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "150000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      ],
      expected: 2),
    SeenMachine(
      testDescription: "the least of all", cores: 16, groups: "0::/job", mounts: unified,
      files: ["sys/fs/cgroup/job/cpu.max": "500000 100000\n"], environment: ["SLURM_CPUS_PER_TASK": "8"],
      expected: 5),
    SeenMachine(
      testDescription: "nonsense", cores: 3, groups: ":::\n\n0::/job", mounts: "- - -\n" + unified,
      files: ["sys/fs/cgroup/job/cpu.max": "0 0 0\n"], expected: 3),
  ]
}

@Suite("Processors that may be used")
struct ProcessorShareTests {
  @Test(
    "Threads by default: the least of affinity, quotas of control groups, and Slurm",
    arguments: SeenMachine.all)
  func share(machine: SeenMachine) throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-share-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let files = machine.files.merging([
      "proc/self/cgroup": machine.groups, "proc/self/mountinfo": machine.mounts,
    ]) { $1 }
    for (name, text) in files {
      let url = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    let share = ProcessorShare(root: root.path, environment: machine.environment, affinity: machine.cores)
    #expect(share.count == machine.expected)
  }

  @Test("Without /proc the affinity counts")
  func noProc() {
    #expect(ProcessorShare(root: "/nowhere", environment: [:], affinity: 7).count == 7)
    #expect((1...ProcessInfo.processInfo.processorCount).contains(ProcessorShare.count))
  }
}
