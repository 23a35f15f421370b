import Foundation
import Pipelines
import Runs

/// The instructions that the vector code was compiled for: those of the machine that built terrane, see
/// Package.swift.
enum InstructionSet {
  #if X86_64_V3
    private static let required = ["avx2", "bmi2", "f16c", "fma", "movbe"]
  #else
    private static let required: [String] = []
  #endif

  /// The instruction set that the vector code was compiled for.
  static var name: String {
    required.isEmpty ? "those of every CPU of this kind" : "compiled for \(required.joined(separator: ", "))"
  }

  /// Refuses a CPU that lacks one: it would end the process at the first of them, without a word.
  ///
  /// - Throws: `EnvironmentFailure`, exit 69.
  static func check() throws {
    guard !required.isEmpty, let file = FileHandle(forReadingAtPath: "/proc/cpuinfo"),
      let text = try file.read(upToCount: 16_384).map({ String(decoding: $0, as: UTF8.self) }),
      let flags = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })?.split(separator: " ")
    else { return }
    let missing = required.filter { !flags.contains(Substring($0)) }
    guard missing.isEmpty else { throw EnvironmentFailure.noInstructions(missing) }
  }
}
