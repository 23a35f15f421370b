import Settings

/// The resources that jobs ask of a Slurm cluster, as `slurm:` of a pipeline file says them. They change no
/// byte of any product and are no part of keys.
public struct SlurmSettings: Sendable {
  /// The partition; the cluster's own where nil.
  public let partition: String?
  /// Seconds after which an element is ended; those of the partition where nil.
  public let time: Double?
  /// Bytes of memory of an element; those of the cluster where nil.
  public let memory: Int?
  /// Processors of an element, which terrane takes as its number of threads.
  public let processors: Int
  /// Processes that share each training.
  public let ranks: Int
  /// Seconds of work that scenes of one element are to make.
  public let shard: Double
  /// Seconds that the job may take which plans a run, submits it and waits for it.
  public let wait: Double
  /// Further options of `sbatch`, such as `--account=geo`.
  public let options: [String]

  /// Options that terrane gives by itself.
  private static let own = [
    "array", "dependency", "job-name", "output", "error", "wrap", "parsable", "chdir", "export", "wait",
    "partition", "time", "mem", "cpus-per-task", "ntasks", "test-only",
  ]

  /// Reads the settings.
  public init(_ reader: SettingsReader) {
    partition = reader.optionalString(
      "partition", matching: "[A-Za-z0-9_.,-]+", like: "main", "the partition; the cluster's own without it")
    let time = reader.uncountedDuration(
      "time", default: 0, "after what time an element is ended (4h); that of the partition without it")
    self.time = time > 0 ? time : nil
    let memory = reader.uncountedBytes(
      "memory", default: 0, "the memory of an element (8GiB); the cluster's own without it")
    self.memory = memory > 0 ? memory : nil
    processors = reader.int(
      "cpus", default: 1, in: 1...1024, "processors of an element, which are its threads")
    ranks = reader.int(
      "ranks", default: 1, in: 1...1024,
      "processes that share each training, by Open MPI (srun --mpi=pmix); 'accumulate' of the training has a batch for each"
    )
    shard = reader.uncountedDuration(
      "shard", default: 600,
      "how much work on scenes one element of an array gets, by what earlier scenes took; 10min without it")
    wait = reader.uncountedDuration(
      "wait", default: 86_400,
      "how long the job that waits for a run may take, at most the partition's longest time; 24h without it"
    )
    options = reader.optionalStrings("options", "further options of sbatch: [--account=geo]") ?? []
    for (index, option) in options.enumerated() {
      guard option.hasPrefix("--"), option.wholeMatch(of: /--[a-z][a-z-]*(=\S+)?/) != nil else {
        reader.problem("options", element: index, "'\(option)' is no option such as --account=geo")
        continue
      }
      let name = option.dropFirst(2).prefix { $0 != "=" }
      if Self.own.contains(String(name)) {
        reader.problem("options", element: index, "terrane gives '--\(name)' by itself")
      }
    }
    if reader.has("shard") && shard < 1 { reader.problem("shard", "'shard' is a time of at least a second") }
    if reader.has("wait") && wait < 60 { reader.problem("wait", "'wait' is a time of at least a minute") }
  }

  /// Returns the options of `sbatch` that ask for these resources.
  ///
  /// - Parameter ranks: the processes of an element.
  package func arguments(ranks: Int = 1) -> [String] {
    var arguments = ["--ntasks=\(ranks)", "--cpus-per-task=\(processors)"]
    if let partition { arguments.append("--partition=\(partition)") }
    if let time { arguments.append(Self.time(time)) }
    if let memory { arguments.append("--mem=\(memory >> 20)M") }
    return arguments + options
  }

  /// Returns the options of `sbatch` for the job that waits for a run: who asks, and where. What elements
  /// want besides, a GPU or a whole node, is not for it.
  ///
  /// - Parameter longest: the most seconds that the partition gives; nil where it sets no limit.
  func coordinatorArguments(longest: Double?) -> [String] {
    let own = options.filter { $0.hasPrefix("--account=") || $0.hasPrefix("--qos=") }
    return (partition.map { ["--partition=\($0)"] } ?? []) + [Self.time(min(wait, longest ?? wait))] + own
  }

  private static func time(_ seconds: Double) -> String { "--time=0:\(Int(seconds.rounded(.up)))" }
}
