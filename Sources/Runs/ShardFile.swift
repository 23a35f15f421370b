import Foundation
import Host

/// A file of shards: on line n, from 0, a JSON list of the jobs of element n of an array.
public enum ShardFile {
  /// The most bytes that are read: a million jobs.
  private static let limit = 256 << 20

  /// Writes the addresses of each shard.
  ///
  /// - Throws: `SystemError`.
  public static func write(_ shards: [[Worker.Address]], to url: URL) throws {
    let lines = try shards.map { shard in try JSONEncoder().encode(shard.map(\.text)) }
    try DurableFiles.write(Data(lines.joined(separator: [UInt8(ascii: "\n")])), to: url)
  }

  /// Reads the addresses of a shard.
  ///
  /// - Throws: `SystemError` where the file cannot be read, `WorkerFailure` where it has no such line.
  public static func read(_ url: URL, shard: Int) throws -> [Worker.Address] {
    let lines = try RegularFile.contents(of: url.path, limit: limit).split(separator: UInt8(ascii: "\n"))
    guard lines.indices.contains(shard),
      let texts = try? JSONDecoder().decode([String].self, from: Data(lines[shard]))
    else { throw WorkerFailure.noShard(shard, file: url.path) }
    return texts.map(Worker.Address.init)
  }
}
