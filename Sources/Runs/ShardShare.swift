/// The share of a plan that one of several processes carries out, where a scheduler starts them without a run
/// that watches over them: `I/N`.
///
/// Share 0 holds what is about no single scene: trainings, evaluations. The scenes are dealt to shares 1 to N
/// by their names, so that a share is the same whatever else there is to do.
public struct ShardShare: Sendable, Hashable {
  /// The place of the share, 0 to `count`.
  public let index: Int
  /// The number of shares that the scenes are dealt to.
  public let count: Int

  /// Reads `I/N`; nil where that is not its form, or I is greater than N.
  public init?(parsing text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
      (0...count).contains(index)
    else { return nil }
    (self.index, self.count) = (index, count)
  }

  /// Returns the jobs of a plan that belong to the share.
  public func addresses(of plan: Plan) -> [Worker.Address] {
    plan.jobs.filter { job in
      job.takesAllThreads ? index == 0 : index == 1 + Int(Self.number(of: job.subject) % UInt64(count))
    }.map { Worker.Address($0) }
  }

  /// A number that is the same for a name on every machine.
  private static func number(of name: String) -> UInt64 {
    UInt64(SHA256.hexadecimal(of: name).prefix(15), radix: 16)!
  }
}
