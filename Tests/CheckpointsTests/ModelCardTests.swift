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

  /// What terrane wrote before cards had limits, units and licences.
  private let oldText = """
    {"architecture":"unet","bands":[{"deviation":0.30000000000000004,"mean":0.0482,"name":"B02","wavelength":492.4},\
    {"deviation":4,"mean":-11.5,"name":"VV"}],"classes":[{"name":"water / \\"sea\\"","value":1},\
    {"name":"Wälder","value":255}],"encoder":"resnet18","hasTrainedHead":false,"history":["pretrain-load",\
    "fine-tune (target)"],"sensor":"sentinel-2-l2a","trainedWith":"oneDNN 2.6.3, 2 threads"}
    """

  @Test("a card that says nothing new has the bytes that it had, and cards of that time are read")
  func oldBytes() throws {
    #expect(card.json == oldText)
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(oldText.utf8)) == card)
    var untrained = card
    untrained.trainedWith = nil
    #expect(!untrained.json.contains("trainedWith") && !untrained.json.contains("null"))
  }

  @Test("limits, units, licence and origin come back; limits are two numbers in whatever order")
  func newKeys() throws {
    var wanted = card
    wanted.bands[0].clip = .init(0, 0.3)
    wanted.bands[0].unit = "reflectance"
    (wanted.licence, wanted.isNonCommercial, wanted.origin) = ("CC-BY-NC-4.0", true, "somebody's")
    let text = wanted.json
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8)) == wanted)
    #expect(text.contains("{\"clip\":[0,0.3],\"deviation\""))
    #expect(text.contains("\"isNonCommercial\":true") && text.contains("\"licence\":\"CC-BY-NC-4.0\""))
    #expect(!text.contains("members"))
    wanted.members = 5
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(wanted.json.utf8)) == wanted)
    #expect(wanted.json.contains("\"members\":5"))
    #expect(!wanted.json.contains("trainingQuantiles"))
    wanted.trainingQuantiles = [[0.1, 0.25], [-12, -7.5]]
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(wanted.json.utf8)) == wanted)
    #expect(wanted.json.contains("\"trainingQuantiles\":[[0.1,0.25],[-12,-7.5]]"))
    for (limits, isRead) in [("[0.3,0]", true), ("[0]", false), ("[0,1,2]", false), ("0", false)] {
      let changed = Data(text.replacingOccurrences(of: "[0,0.3]", with: limits).utf8)
      #expect(((try? JSONDecoder().decode(ModelCard.self, from: changed)) != nil) == isRead, "\(limits)")
    }
  }

  @Test(
    "what scenes are adjusted to comes back, under the methods' names, and is written only where there is some"
  )
  func radiometry() throws {
    var wanted = card
    wanted.radiometry = [
      .sensorBands(reference: "msi", satellite: nil), .standardise(centre: [0.1, 0.2], spread: [0.3, 0.4]),
      .histogramMatching(probabilities: [0, 1], quantiles: [[1, 2], [3, 4]]),
      .invariantFeatures(slopes: [1, 2], offsets: [0, 0.5]),
    ]
    let text = wanted.json
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8)) == wanted)
    for step in wanted.radiometry { #expect(text.contains("\"\(step.methodName)\":{")) }
    #expect(!card.json.contains("radiometry"))
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
