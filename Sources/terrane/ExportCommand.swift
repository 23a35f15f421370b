import ArgumentParser
import Checkpoints
import Foundation
import Models
import Runs

/// `terrane export` writes a model for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model as an ONNX graph, for ONNX Runtime and programs that embed it.",
    discussion: """
      The graph takes tensor 'input' [N, C, H, W], bands normalised as the card in its metadata (terrane.card) says, and gives 'scores' \
      before the softmax, [N, K, H, W]. It is read again wherever weights are.
      """)

  @Argument(help: "The model: model.safetensors of a run, with its card inside.", completion: .file())
  var model: String

  @Option(help: "The ONNX file to write.", completion: .file(extensions: ["onnx"]))
  var onnx: String

  @Option(help: "The side of images in pixels, where the graph depends on it.")
  var size = 256

  func validate() throws {
    guard (32...8192).contains(size), size.isMultiple(of: 32) else {
      throw ValidationError("--size must be a multiple of 32 from 32 to 8192")
    }
  }

  func run() throws {
    try CommandExit.of {
      guard FileManager.default.fileExists(atPath: model) else { throw InputFailure.missing(model) }
      let isFree = try Model(contentsOf: model).writeONNX(to: onnx, side: size)
      CommandExit.say(
        isFree
          ? "terrane: the graph takes images whose sides are multiples of 32"
          : "terrane: the graph takes images of \(size) x \(size) pixels only")
      return .success
    }
  }
}
