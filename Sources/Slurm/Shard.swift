import Runs

/// The jobs of one element of an array, in the order in which it carries them out.
package struct Shard: Sendable {
  package var jobs: [Job]
  /// The part of the only job's preparation that the element makes; nil where it carries jobs out.
  package var part: Int?
  /// Seconds that it is expected to take; nil where nobody knows.
  package var seconds: Double?

  /// Creates a shard.
  package init(_ jobs: [Job], part: Int? = nil, seconds: Double? = nil) {
    (self.jobs, self.part, self.seconds) = (jobs, part, seconds)
  }

  /// The jobs as another process is told of them.
  package var addresses: [Worker.Address] { jobs.map { Worker.Address($0, part: part) } }
}
