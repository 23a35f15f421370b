import Foundation

/// Hands elements from one thread to another, at most `capacity` at a time.
///
/// Either side can end it: the producer by ``finish(_:)``, with an error if it failed, the consumer by
/// ``abandon()``.
package final class BoundedQueue<Element>: @unchecked Sendable {
  private let capacity: Int
  private let condition = NSCondition()
  private var elements: [Element] = []
  private var ending: Result<Void, any Error>?
  private var isAbandoned = false

  package init(capacity: Int) { self.capacity = max(1, capacity) }

  /// Waits for room; false where nobody will take the element.
  package func put(_ element: sending Element) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while elements.count >= capacity && !isAbandoned { condition.wait() }
    guard !isAbandoned else { return false }
    elements.append(element)
    condition.broadcast()
    return true
  }

  /// Waits for an element; nil at the end.
  ///
  /// - Throws: the error that the producer ended with.
  package func take() throws -> Element? {
    condition.lock()
    defer { condition.unlock() }
    while elements.isEmpty && ending == nil { condition.wait() }
    guard elements.isEmpty else {
      condition.broadcast()
      return elements.removeFirst()
    }
    try ending?.get()
    return nil
  }

  package func finish(_ result: Result<Void, any Error>) {
    condition.lock()
    ending = ending ?? result
    condition.broadcast()
    condition.unlock()
  }

  package func abandon() {
    condition.lock()
    isAbandoned = true
    condition.broadcast()
    condition.unlock()
  }
}
