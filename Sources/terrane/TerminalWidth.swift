import Foundation
import Host

/// The columns that a text may have.
enum TerminalWidth {
  /// The columns of the terminal that stdout is; 80 where it is none.
  static var ofOutput: Int {
    var size = winsize()
    guard isatty(STDOUT_FILENO) != 0, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40
    else {
      return 80
    }
    return Int(size.ws_col)
  }
}
