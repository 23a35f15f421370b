import Foundation

/// The program that runs, as others are to start it.
enum ThisProgram {
  /// Its file; nil without /proc, and where the loader was started with the program as its argument.
  static var file: String? {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return path.flatMap { URL(fileURLWithPath: $0).lastPathComponent.hasPrefix("ld-") ? nil : $0 }
  }

  /// The path by which a shell starts it.
  static var path: String { file ?? CommandLine.arguments[0] }
}
