import Foundation

/// The ledger's knowledge of one job: the content of its record file.
struct JobRecord {
  /// The job's id.
  let job: String
  /// The entries that were not withdrawn, oldest first.
  private(set) var entries: [Ledger.Entry] = []
  /// The files that withdrawn entries speak of, or that were about to take their place, since the latest
  /// entry.
  private(set) var withdrawn: Set<String> = []
  /// The place of the withdrawn files, and the key under which they were about to be replaced; nil where
  /// nothing is withdrawn.
  private var publishing: Publishing?
  /// Files that a verification found changed.
  var damaged: Set<String> = []

  /// Creates a job of which nothing is known.
  init(job: String) { self.job = job }

  /// A line of a record file that is not what was written.
  struct DamagedLine: Hashable {
    /// Relative to the output directory.
    let file: String
    /// The number of the line, from 1.
    let line: Int
  }

  fileprivate struct Publishing: Codable {
    var job: String
    var key: String
    var directory: String
    /// The files that are to lie there, of which some may whatever happens next.
    var files: [String]

    private enum CodingKeys: String, CodingKey {
      case job = "task"
      case key, directory, files
    }
  }

  /// One line of a record file.
  struct Line: Codable {
    var done: Ledger.Entry?
    fileprivate var publishing: Publishing?
    /// Files, relative to the output directory, whose content is not what was recorded.
    fileprivate(set) var damaged: [String]?

    /// The job that the line is about; nil of a line about files of any.
    var job: String? { done?.job ?? publishing?.job }

    /// Creates a line about files that are not what was recorded.
    init(damaged: [String]) { self.damaged = damaged }

    fileprivate init(done: Ledger.Entry? = nil, publishing: Publishing? = nil) {
      (self.done, self.publishing) = (done, publishing)
    }
  }

  /// Takes a line that was written after those taken before.
  mutating func take(_ line: Line) {
    damaged.formUnion(line.damaged ?? [])
    if let publishing = line.publishing {
      withdraw(publishing.directory, key: publishing.key, replacedBy: publishing.files)
    }
    if let entry = line.done { add(entry) }
  }

  /// Adds what another file says of the job; what is known already is the later part.
  mutating func join(_ other: JobRecord) {
    guard !entries.isEmpty || publishing != nil else {
      self = other
      return
    }
    for entry in other.entries.reversed() where !entries.contains(where: { $0.key == entry.key }) {
      entries.insert(entry, at: 0)
    }
    damaged.formUnion(other.damaged)
  }

  /// Returns whether the job has left a file that was not withdrawn.
  func hasLeft(_ file: String) -> Bool { entries.contains { $0.files.contains { $0.path == file } } }

  /// Withdraws the entries whose files lie in a directory that is about to be written to.
  mutating func withdraw(_ directory: String, key: String, replacedBy files: [String]) {
    let replaced = entries.filter { $0.directory == directory }
    withdrawn.formUnion(replaced.flatMap(\.files).map(\.path) + files)
    entries.removeAll { $0.directory == directory }
    publishing = Publishing(job: job, key: key, directory: directory, files: withdrawn.sorted())
  }

  /// Adds what was done.
  mutating func add(_ entry: Ledger.Entry) {
    (withdrawn, publishing) = ([], nil)
    entries.removeAll { $0.key == entry.key }
    entries.append(entry)
    damaged.subtract(entry.files.map(\.path))
  }

  /// The lines of its file.
  var lines: [Line] {
    entries.map { Line(done: $0) } + (publishing.map { [Line(publishing: $0)] } ?? [])
      + (damaged.isEmpty ? [] : [Line(damaged: damaged.sorted())])
  }

  /// The placement of the job's files; nil where nothing was ever done or begun.
  var placement: Placement? {
    let directory = entries.last?.directory ?? publishing?.directory
    return directory.flatMap { Placement(rawValue: String($0.prefix { $0 != "/" })) }
  }
}
