import Host

/// Hands finished parts of a map to the sink on a thread of its own, so that compressing and writing overlap with computing.
final class MapWriter {
  private let queue = BoundedQueue<MapPart>(capacity: 1)
  private let outcome = BoundedQueue<Void>(capacity: 1)

  init(_ sink: @escaping @Sendable (MapPart) throws -> Void) {
    let (queue, outcome) = (queue, outcome)
    do {
      try BackgroundThread.start("write") {
        let result = Result<Void, any Error> { while let part = try queue.take() { try sink(part) } }
        if case .failure = result { queue.abandon() }
        outcome.finish(result)
      }
    } catch {
      queue.abandon()
      outcome.finish(.failure(error))
    }
  }

  /// Bytes of finished parts at their peak: the rows of one (5 a pixel), itself, one that waits and one that is written (2 each).
  static func bytes(width: Int, height: Int) -> Int { 11 * width * height }

  func put(_ part: MapPart) throws {
    if !queue.put(part) { _ = try outcome.take() }
  }

  /// Waits until everything is written; throws what the sink threw.
  func finish() throws {
    queue.finish(.success(()))
    _ = try outcome.take()
  }

  /// Waits until what was put is written, or has failed; for a map that nobody will want.
  func abandon() {
    queue.finish(.success(()))
    _ = try? outcome.take()
  }
}
