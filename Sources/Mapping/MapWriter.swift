import Host

/// Hands finished parts of a map to the sink on a thread of its own, so that compressing and writing overlap
/// with computing.
final class MapWriter<Part: Sendable> {
  private let queue = BoundedQueue<Part>(capacity: 1)
  private let outcome = BoundedQueue<Void>(capacity: 1)

  init(_ sink: @escaping @Sendable (Part) throws -> Void) {
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

  func put(_ part: Part) throws {
    if !queue.put(part) { _ = try outcome.take() }
  }

  /// Waits until all parts are written; throws what the sink threw.
  func finish() throws {
    queue.finish(.success(()))
    _ = try outcome.take()
  }

  /// Waits until the parts that were put are written, or have failed; for a map that nobody will want.
  func abandon() {
    queue.finish(.success(()))
    _ = try? outcome.take()
  }
}
