import Foundation

/// The removal of files of earlier runs after a run that has succeeded, so that an output directory does not
/// grow for ever.
///
/// Records of runs go once they are older than 30 days and not among the newest 100. Cached maps go once no
/// run has planned them for 30 days: what is mapped by turns, one directory of scenes a night, keeps its
/// cache. Products, reports and models stay.
public enum Pruning {
  /// Records of runs that are kept whatever their age.
  package static let newestRuns = 100
  /// Seconds for which records and unplanned caches are kept.
  package static let age = 30.0 * 24 * 3600

  /// Prunes an output directory. What cannot be listed or removed stays: that is no failure of the run.
  ///
  /// - Parameter plan: the plan of the run, whose caches are marked as used now.
  public static func prune(below output: URL, keeping plan: Plan, now: Date = Date()) {
    pruneRuns(output.appendingPathComponent("runs"), now: now)
    pruneCaches(output, planned: Set(plan.jobs.filter { $0.placement == .cache }.map(\.directory)), now: now)
  }

  private static func pruneRuns(_ runs: URL, now: Date) {
    let names = ((try? DurableFiles.names(in: runs)) ?? []).filter {
      $0.wholeMatch(of: /\d{8}T\d{6}Z-.+/) != nil
    }
    // Names begin with the time, so their order is that of time.
    let oldest = Timestamp.compact(now - age)
    for name in names.sorted().dropLast(newestRuns) where name < oldest {
      try? FileManager.default.removeItem(at: runs.appendingPathComponent(name))
    }
  }

  private static func pruneCaches(_ output: URL, planned: Set<String>, now: Date) {
    let cache = output.appendingPathComponent("cache")
    for subject in (try? DurableFiles.names(in: cache)) ?? [] {
      let folder = cache.appendingPathComponent(subject)
      guard FileStatus(folder.path)?.isDirectory == true else { continue }
      for key in (try? DurableFiles.names(in: folder)) ?? [] where key.wholeMatch(of: /[0-9a-f]{16}/) != nil {
        let directory = folder.appendingPathComponent(key)
        if planned.contains("cache/\(subject)/\(key)") {
          utimensat(AT_FDCWD, directory.path, nil, 0)
        } else if subject != "unfinished", let status = FileStatus(directory.path),
          now.timeIntervalSince1970 - status.modifiedSeconds > age
        {
          try? FileManager.default.removeItem(at: directory)
          rmdir(folder.path)
        }
      }
    }
  }
}
