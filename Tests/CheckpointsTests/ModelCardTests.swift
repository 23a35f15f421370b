import Checkpoints
import Classes
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
    history: [LineageStep("pretrain-load"), LineageStep("fine-tune", "target")],
    trainedWith: "oneDNN 2.6.3, 2 threads")

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

  private let text = """
    {"format":2,"input":{"bands":[{"deviation":0.30000000000000004,"mean":0.0482,"name":"B02","wavelength":492.4},\
    {"deviation":4,"mean":-11.5,"name":"VV"}],"sensor":"sentinel-2-l2a"},\
    "lineage":{"steps":[{"stage":"pretrain-load"},{"detail":"target","stage":"fine-tune"}],\
    "trainedWith":"oneDNN 2.6.3, 2 threads"},"network":{"architecture":"unet","encoder":"resnet18"},\
    "output":{"classes":[{"name":"water / \\"sea\\"","value":1},{"name":"Wälder","value":255}],"isTrained":false},\
    "task":"segmentation"}
    """

  @Test("a card is JSON of format 2, without keys that would say nothing")
  func json() throws {
    #expect(card.json == text)
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8)) == card)
    var fresh = card
    (fresh.trainedWith, fresh.history) = (nil, [])
    #expect(!fresh.json.contains("lineage") && !fresh.json.contains("null"))
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(fresh.json.utf8)) == fresh)
  }

  @Test("a card of one's own may leave out task and lineage, and hold keys that terrane does not know")
  func ownCard() throws {
    let text = """
      {"format": 2, "made by": "us", "input": {"sensor": "custom", "bands": [], "season": "dry"},
       "network": {"architecture": "unet", "encoder": "resnet18"}, "output": {"classes": [], "isTrained": false}}
      """
    let read = try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8))
    #expect(
      read == ModelCard(architecture: "unet", encoder: "resnet18", sensor: "custom", bands: [], classes: []))
    #expect(read.task == "segmentation")
    let classifier = text.replacingOccurrences(of: "unet", with: "classifier")
    let asked = try JSONDecoder().decode(ModelCard.self, from: Data(classifier.utf8))
    #expect(asked.task == "scene-classification")
  }

  @Test(
    "what is wrong with a card's file is said with the key",
    arguments: [
      ("\"B02\"", "2", "cannot be read: 'input.bands.0.name' is no String"),
      ("\"mean\":-11.5,", "", "cannot be read: 'mean' is missing in 'input.bands.1'"),
      ("\"sensor\":", "\"camera\":", "cannot be read: 'sensor' is missing in 'input'"),
      ("\"input\":", "\"inputs\":", "cannot be read: 'input' is missing"),
      ("\"isTrained\":false", "\"isTrained\":0.5", "cannot be read: 'output.isTrained' is no Bool"),
      ("\"format\":2", "\"format\":\"2\"", "cannot be read: 'format' is no Int"),
      ("\"format\":2", "\"format\":0", "cannot be read: 'format': there is no format 0"),
      ("\"format\":2", "\"format\":1", "cannot be read: 'architecture' is missing"),
      (
        "\"format\":2", "\"format\":3",
        "has format 3: a later terrane reads it, this one reads formats 1 and 2"
      ),
    ])
  func wrongFile(part: String, other: String, problem: String) throws {
    try inTemporaryFolder { folder in
      let path = folder + "/card.json"
      try Data(text.replacingOccurrences(of: part, with: other).utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: CheckpointError.self) { try ModelCard(contentsOf: path) }
      #expect(error?.code == .card)
      #expect(error?.description == "\(path): the model card \(problem)")
    }
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
      let later = card.json.replacingOccurrences(of: "\"format\":2", with: "\"format\":3")
      try Safetensors(tensors: tensors, metadata: [ModelCard.metadataKey: later]).write(to: path)
      let file = try WeightsFile(contentsOf: path)
      let error = #expect(throws: CheckpointError.self) { try ModelCard(in: file) }
      #expect(error?.code == .card)
      #expect(error?.description.hasPrefix("\(path): the model card has format 3: a later terrane") == true)
    }
  }
}
