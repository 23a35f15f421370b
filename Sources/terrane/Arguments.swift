import Foundation
import Host
import Pipelines
import Runs

/// The arguments that the process was started with.
///
/// `CommandLine.arguments` reads them from /proc, and where there is none (a chroot, a sandbox) there are no
/// arguments either. The C library hands them to whatever is called before `main`.
enum Arguments {
  nonisolated(unsafe) fileprivate static var given: (count: Int32, values: Values) = (0, nil)

  fileprivate typealias Values = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  /// Returns the arguments after the name of the command.
  ///
  /// - Throws: `UnreadableArgument` for one that is not UTF-8; `EnvironmentFailure` where the arguments
  ///   cannot be had.
  static func all() throws -> [String] { Array(try whole().dropFirst()) }

  /// The name of the command, then the arguments, as far as they are text: for the record of a run.
  static var recorded: [String] { (try? whole()) ?? CommandLine.arguments }

  private static func whole() throws -> [String] {
    guard given.count > 0, let values = given.values else {
      guard !CommandLine.arguments.isEmpty else { throw EnvironmentFailure.noArguments }
      return CommandLine.arguments
    }
    return try (0..<Int(given.count)).compactMap { values[$0] }.map { argument in
      let bytes = Array(UnsafeBufferPointer(start: argument, count: strlen(argument))).map(
        UInt8.init(bitPattern:))
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw UnreadableArgument(bytes: bytes)
      }
      return text
    }
  }
}

/// Called before `main`.
@section(".init_array") @used
private let takeArguments: @convention(c) (Int32, Arguments.Values, UnsafeMutableRawPointer?) -> Void = {
  count, values, _ in Arguments.given = (count, values)
}
