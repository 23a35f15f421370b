import Checkpoints
import Foundation
import Tensors
import Testing
import Transfer

extension EndToEnd {
  /// Weights and settings that do not fit.
  @Suite("Bad weights and settings")
  struct BadSettingTests {
    /// The trained weights, spoilt, as the file `spoilt.safetensors` of a workplace.
    private func spoil(_ change: (inout [String: Tensor]) -> Void, for site: Workplace) throws {
      let file = try Safetensors(contentsOf: try TrainedModel.weights())
      var tensors = file.tensors
      change(&tensors)
      try Safetensors(tensors: tensors, metadata: file.metadata).write(to: site.path("spoilt.safetensors"))
    }

    private func runWithSpoilt(_ site: Workplace) throws -> TerraneCommand.CommandExit {
      try site.run("--set", "pretrain-load.weights=spoilt.safetensors")
    }

    @Test("Weights without a tensor end with 65 and the tensor's name")
    func missingTensor() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try spoil({ $0["encoder.layer1.0.conv1.weight"] = nil }, for: site)
      let ending = try runWithSpoilt(site)
      #expect(ending.code == 65 && ending.errors.contains("encoder.layer1.0.conv1.weight"), "\(ending)")
      #expect(ending.errors.contains("spoilt.safetensors") && !site.exists("out/products"))
    }

    @Test("Weights of another shape end with 65, the tensor's name and both shapes")
    func otherShape() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try spoil(
        { $0["encoder.layer2.0.bn1.weight"] = Tensor([Float](repeating: 1, count: 7), shape: [7]) }, for: site
      )
      let ending = try runWithSpoilt(site)
      #expect(ending.code == 65 && ending.errors.contains("encoder.layer2.0.bn1.weight"), "\(ending)")
      #expect(ending.errors.contains("[7]") && ending.errors.contains("[128]"), "\(ending)")
    }

    @Test("A torn file of weights ends with 65, one that is not there with 66")
    func tornWeights() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let whole = try Data(contentsOf: URL(fileURLWithPath: try TrainedModel.weights()))
      try site.write("spoilt.safetensors", whole.prefix(whole.count / 2))
      let torn = try runWithSpoilt(site)
      #expect(torn.code == 65 && torn.errors.contains("spoilt.safetensors"), "\(torn)")
      try site.remove("spoilt.safetensors")
      let missing = try runWithSpoilt(site)
      #expect(missing.code == 66 && missing.errors.contains("there is no 'spoilt.safetensors'"), "\(missing)")
    }

    @Test("Misspelt and duplicate keys end with 78, each with its place and what was meant")
    func keys() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let text = try String(contentsOf: site.pipeline, encoding: .utf8)
      try site.write(
        "pipeline.yaml",
        text.replacing("window: 64", with: "windwo: 64").replacing("seed: 7", with: "seed: 7\nseed: 8"))
      let ending = try site.run()
      #expect(ending.code == 78)
      #expect(
        ending.errors.contains(
          "pipeline.yaml:3:1: error: key 'seed' repeated; it stands in line 2 already\n"),
        "\(ending.errors)")
      #expect(
        ending.errors.contains("unknown key 'windwo' in inference; did you mean 'window'?"),
        "\(ending.errors)")
      #expect(!site.exists("out"))
    }

    @Test("A pipeline file with a byte order mark and Windows line ends is read")
    func windowsText() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let text = try String(contentsOf: site.pipeline, encoding: .utf8)
      try site.write("pipeline.yaml", "\u{FEFF}" + text.replacing("\n", with: "\r\n"))
      let ending = try site.run()
      #expect(ending.code == 0 && site.exists("out/products/a/landcover.tif"), "\(ending.errors)")
    }

    @Test("A directory in the place of the pipeline file is said to be one")
    func directoryAsFile() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      for verb in ["run", "validate"] {
        let ending = try TerraneCommand.run(verb, site.scenes.path)
        #expect(ending.code == 66)
        #expect(
          ending.errors == "terrane: \(site.scenes.path): a directory where a pipeline file is wanted\n")
      }
    }

    @Test(
      "What is no pipeline file is refused in a few short lines",
      arguments: ["\u{1}\u{2}", "word", "- 1\n- 2", ""])
    func noPipeline(text: String) throws {
      let site = try Workplace()
      try site.write("pipeline.yaml", text + String(repeating: text, count: 400))
      let ending = try site.run()
      #expect(ending.code == 78 && ending.errors.contains("pipeline.yaml"))
      #expect(
        ending.errors.split(separator: "\n").allSatisfy { $0.count < 2000 } && ending.errors.utf8.count < 8000
      )
    }
  }
}
