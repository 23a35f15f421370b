import Foundation

/// The two streams that the process was given to write text to; the one place that writes to them.
///
/// Either may be closed, a broken pipe, or a file on a full disk: writing fails with the system's reason and
/// never ends the process.
public enum StandardStream: Int32, Sendable {
  /// The stream of results.
  case output = 1
  /// The stream of errors and progress.
  case error = 2

  /// Sees to it that no file which is opened later gets the number of a stream that the process was started
  /// without, and that a broken pipe or a limit of file sizes is an error of the write that meets it. To be
  /// called before anything is opened.
  public static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      // Opened the wrong way round: reading from it and writing to it fail, as they would where it is closed.
      let flags = descriptor == 0 ? O_WRONLY : O_RDONLY
      if open("/dev/null", flags) < 0 { _ = open("/", O_RDONLY) }
    }
  }

  /// Whether the stream is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Writes text, whole and at once, with its control characters escaped.
  ///
  /// - Throws: `SystemError` with the system's reason.
  public func write(_ text: String) throws(SystemError) { try send(text.visible) }

  /// Draws on a terminal: orders to it go through as they are. What cannot be drawn is not.
  public func draw(_ text: String) { try? send(text) }

  private var name: String { self == .output ? "standard output" : "standard error" }

  private func send(_ text: String) throws(SystemError) {
    var text = text
    let failure = text.withUTF8 { bytes -> SystemError? in
      var place = 0
      while place < bytes.count {
        let count = Foundation.write(rawValue, bytes.baseAddress! + place, bytes.count - place)
        if count > 0 {
          place += count
        } else if count < 0 && errno == EAGAIN {
          // A pipe that somebody set to answer at once.
          var waiting = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
          _ = poll(&waiting, 1, -1)
        } else if count == 0 || errno != EINTR {
          return .last("write to", name, isWriting: true)
        }
      }
      return nil
    }
    if let failure { throw failure }
  }
}

extension SystemError {
  /// Whether a reader has gone away, as `head` does.
  public var isBrokenPipe: Bool { number == EPIPE }
}
