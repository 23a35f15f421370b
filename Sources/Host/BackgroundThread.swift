import Foundation

/// A thread of the process that says when there cannot be another: Foundation's does not, and who waits for
/// it waits for ever.
public enum BackgroundThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a new thread.
  ///
  /// - Parameters:
  ///   - name: for debuggers and messages; 15 bytes at most.
  ///   - stackSize: bytes of its stack; the system's default where nil.
  /// - Throws: `SystemError` where a limit of the system forbids it.
  public static func start(
    _ name: String, stackSize: Int? = nil, _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    pthread_attr_init(attributes)
    defer {
      pthread_attr_destroy(attributes)
      attributes.deallocate()
    }
    pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
    if let stackSize { pthread_attr_setstacksize(attributes, stackSize) }
    let context = Unmanaged.passRetained(
      Body {
        Thread.current.name = name
        body()
      })
    var thread: pthread_t = 0
    let code = pthread_create(
      &thread, attributes,
      { context in
        Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw SystemError("start", "a thread ('\(name)')", .number(code))
    }
  }
}
