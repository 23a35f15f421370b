import Foundation

/// The program that runs.
enum ThisProgram {
  /// Its file; nil without /proc, and where the loader was started with the program as its argument.
  static var file: String? {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return path.flatMap { URL(fileURLWithPath: $0).lastPathComponent.hasPrefix("ld-") ? nil : $0 }
  }
}
