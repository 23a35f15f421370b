import CLibFuzzer
import Checkpoints
import Foundation
import Tensors

/// Reads whatever libFuzzer makes up, and all tensors in it: an error is an answer, a trap or a lot of time is a find.
public enum FuzzTarget {
  /// Tensors of more elements are only listed; filling them would be most of the work.
  private static let readLimit = 1 << 16

  /// Hands the command's arguments to libFuzzer and runs until it stops.
  ///
  /// - Parameter test: what is called with each input.
  public static func run(_ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32) -> Never {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(LLVMFuzzerRunDriver(&count, &arguments, test))
  }

  /// Reads one input as a file.
  ///
  /// - Parameter signature: what the file begins with, so that it comes to the reader that is meant.
  public static func read(_ bytes: UnsafePointer<UInt8>?, _ count: Int, signature: [UInt8] = []) {
    var data = Data(UnsafeBufferPointer(start: bytes, count: count))
    if !data.starts(with: signature) { data = Data(signature) + data }
    guard let file = try? WeightsFile(data: data, path: "input") else { return }
    for entry in file.entries where entry.shape.count <= readLimit { _ = try? file.tensor(entry.name) }
    _ = file.below("layer1.")
  }
}
