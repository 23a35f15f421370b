import Checkpoints
import Foundation
import Tensors
import Testing

@Suite("Model cards")
struct ModelCardTests {
  private let card = ModelCard(
    architecture: "unet", encoder: "resnet18", sensor: "sentinel-2-l2a",
    bands: [
      .init(name: "B02", wavelength: 492.4, mean: 0.0482, deviation: 0.1 + 0.2),
      .init(name: "VV", wavelength: nil, mean: -11.5, deviation: 4),
    ],
    classes: [.init(value: 1, name: "water / \"sea\""), .init(value: 255, name: "Wälder")],
    history: ["pretrain-load", "fine-tune (target)"], trainedWith: "oneDNN 2.6.3, 2 threads")

  @Test("a card comes back from a file's metadata as it was, to the last digit")
  func roundTrip() throws {
    try inTemporaryFolder { folder in
      let path = folder + "/model.safetensors"
      try Safetensors(tensors: tensors, metadata: [ModelCard.metadataKey: card.json]).write(to: path)
      let read = try #require(try ModelCard(in: WeightsFile(contentsOf: path)))
      #expect(read == card)
      #expect(read.json == card.json)
    }
  }

  /// A file without tensors is refused.
  private let tensors = ["weight": Tensor([1], shape: [1])]

  @Test("no card is nil, a damaged one an error that names the file")
  func damaged() throws {
    try inTemporaryFolder { folder in
      let path = folder + "/w.safetensors"
      try Safetensors(tensors: tensors).write(to: path)
      #expect(try ModelCard(in: WeightsFile(contentsOf: path)) == nil)
      for text in [
        "", "{}", String(card.json.dropLast(3)), card.json.replacingOccurrences(of: "255", with: "256"),
      ] {
        try Safetensors(tensors: tensors, metadata: [ModelCard.metadataKey: text]).write(to: path)
        let file = try WeightsFile(contentsOf: path)
        let error = #expect(throws: CheckpointError.self) { try ModelCard(in: file) }
        #expect(error?.code == .card)
        #expect(
          error?.description.hasPrefix("\(path): the model card in its metadata is damaged") == true)
      }
    }
  }
}
