import Checkpoints
import Classes
import Foundation
import Testing

@Suite("Model cards of format 1")
struct ModelCardFormat1Tests {
  /// What terrane wrote before cards had limits, units and licences.
  private let oldest = """
    {"architecture":"unet","bands":[{"deviation":0.30000000000000004,"mean":0.0482,"name":"B02","wavelength":492.4},\
    {"deviation":4,"mean":-11.5,"name":"VV"}],"classes":[{"name":"water / \\"sea\\"","value":1},\
    {"name":"Wälder","value":255}],"encoder":"resnet18","hasTrainedHead":false,"history":["pretrain-load",\
    "fine-tune (target)"],"sensor":"sentinel-2-l2a","trainedWith":"oneDNN 2.6.3, 2 threads"}
    """

  /// Every key that terrane wrote before cards had formats.
  private let last = """
    {"architecture":"unet","bands":[{"clip":[0,1],"deviation":0.25,"mean":0.5,"name":"B02","unit":"reflectance",\
    "wavelength":490}],"classes":[{"name":"water","value":1},{"name":"land","value":2}],\
    "comparison":"early-fusion","encoder":"resnet18","hasTrainedHead":true,\
    "history":["pretrain-load","fine-tune (source)","domain-adaptation (coral, chosen by few-labels)"],\
    "isNonCommercial":true,"licence":"CC-BY-NC-4.0","members":3,"origin":"somebody's",\
    "radiometry":[{"standardise":{"centre":[0.125],"spread":[0.0625]}}],"sensor":"sentinel-2-l2a",\
    "task":"segmentation","trainedWith":"oneDNN 2.6.3, 2 threads","trainingQuantiles":[[0.125,0.25]]}
    """

  private func read(_ text: String) throws -> ModelCard {
    try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8))
  }

  @Test("the oldest cards are read, as segmentation")
  func oldestCard() throws {
    let card = ModelCard(
      architecture: "unet", encoder: "resnet18", sensor: "sentinel-2-l2a",
      bands: [
        .init(name: "B02", wavelength: 492.4, mean: 0.0482, deviation: 0.1 + 0.2),
        .init(name: "VV", wavelength: nil, mean: -11.5, deviation: 4),
      ],
      classes: [.init(value: 1, name: "water / \"sea\""), .init(value: 255, name: "Wälder")],
      history: [LineageStep("pretrain-load"), LineageStep("fine-tune", "target")],
      trainedWith: "oneDNN 2.6.3, 2 threads", task: "segmentation")
    #expect(try read(oldest) == card)
    #expect(try read("{\"format\":1," + oldest.dropFirst()) == card)
    #expect(try read(card.json) == card)
  }

  @Test("every key of a card is read")
  func lastCard() throws {
    var card = ModelCard(
      architecture: "unet", encoder: "resnet18", sensor: "sentinel-2-l2a",
      bands: [
        .init(
          name: "B02", wavelength: 490, mean: 0.5, deviation: 0.25, clip: .init(0, 1), unit: "reflectance")
      ],
      classes: [.init(value: 1, name: "water"), .init(value: 2, name: "land")], hasTrainedHead: true,
      history: [
        LineageStep("pretrain-load"), LineageStep("fine-tune", "source"),
        LineageStep("domain-adaptation", "coral, chosen by few-labels"),
      ],
      trainedWith: "oneDNN 2.6.3, 2 threads", licence: "CC-BY-NC-4.0", isNonCommercial: true,
      origin: "somebody's", members: 3, comparison: .earlyFusion, task: "segmentation")
    card.radiometry = [.standardise(centre: [0.125], spread: [0.0625])]
    card.trainingQuantiles = [[0.125, 0.25]]
    #expect(try read(last) == card)
    #expect(try read(card.json) == card)
  }

  @Test(
    "sentences become steps, which say the same words",
    arguments: [
      ("fine-tune (target)", "fine-tune", "target"),
      ("evaluate (3 networks (full))", "evaluate", "3 networks (full)"),
      ("pretrain-load", "pretrain-load", nil),
      ("trained by us (2020)", "trained by us (2020)", nil),
      ("fine-tune ()", "fine-tune ()", nil),
      ("fine-tune (target", "fine-tune (target", nil),
      ("", "", nil),
    ])
  func sentences(sentence: String, stage: String, detail: String?) throws {
    let card = try read(last.replacingOccurrences(of: "fine-tune (source)", with: sentence))
    #expect(card.history[1] == LineageStep(stage, detail) && card.history[1].description == sentence)
  }

  @Test("a classifier was asked for the class of a scene, unless its card says otherwise")
  func classifier() throws {
    let classifier = oldest.replacingOccurrences(of: "\"unet\"", with: "\"classifier\"")
    #expect(try read(classifier).task == "scene-classification")
    let other = "{\"task\":\"multi-label-classification\"," + classifier.dropFirst()
    #expect(try read(other).task == "multi-label-classification")
  }
}
