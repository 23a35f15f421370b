import Foundation

/// The crontab of the user, read and replaced by the command `crontab`.
public enum Crontab {
  /// Puts an entry into the crontab of the user, in the place of an earlier one of the same pipeline.
  ///
  /// - Returns: the earlier line, where there was one.
  /// - Throws: `ScheduleFailure.refused` where there is no such command, or it refuses.
  public static func install(_ entry: CrontabEntry) throws(ScheduleFailure) -> String? {
    let present = try Tool.run("crontab", ["-l"])
    // Without a crontab it says so and fails.
    guard present.code == 0 || present.errors.contains("no crontab for") else {
      throw .refused("crontab -l", reason: present.reason)
    }
    let (crontab, earlier) = try entry.replacing(in: present.code == 0 ? present.output : Data())
    let put = try Tool.run("crontab", ["-"], input: crontab)
    guard put.code == 0 else { throw .refused("crontab -", reason: put.reason) }
    return earlier
  }
}
