import Checkpoints
import Foundation
import Testing

/// Weights whose cards earlier versions of terrane, or later ones, have written.
@Suite("Formats of model cards", .startsCommand, .serialized)
struct CardFormatTests {
  /// The card of the site's weights as terrane wrote it before cards had formats.
  private let card1 = """
    {"architecture":"unet","bands":[{"deviation":0.1,"mean":0.15,"name":"B03"},\
    {"deviation":0.1,"mean":0.15,"name":"B08"}],"classes":[{"name":"water","value":1},\
    {"name":"trees & <shrubs>","value":2}],"encoder":"resnet18","hasTrainedHead":true,"history":["elsewhere"],\
    "sensor":"sentinel-2-l2a"}
    """

  /// Weights with a card of format 2 (`now`), of format 1 (`metadata`), and with one of format 1 beside them
  /// (`beside`).
  private func site() throws -> StagesSite {
    let site = try StagesSite()
    try site.scene("incoming/a.tif")
    try site.weights("now.safetensors") { card, _ in card.history = [LineageStep("elsewhere")] }
    for (name, metadata) in [("metadata", [ModelCard.metadataKey: card1]), ("beside", [:])] {
      var file = try Safetensors(contentsOf: site.url("now.safetensors").path)
      file.metadata = metadata
      try file.write(to: site.url("\(name).safetensors").path)
    }
    try Data(card1.utf8).write(to: site.url("card.json"))
    return site
  }

  private func run(_ site: StagesSite, _ name: String, _ settings: String) throws -> (
    code: Int32, output: String, errors: String
  ) {
    try site.pipeline(
      name, data: "{scenes: incoming}",
      stages: ["pretrain-load: {\(settings)}", "inference: {window: 32, overlap: 8}", "geotiff:"])
    return try site.run("\(name).yaml", "--quiet")
  }

  @Test("Weights with a card of format 1 give the model and the map of those with one of format 2")
  func format1() throws {
    let site = try site()
    let models = try [
      ("now", ""), ("metadata", ""), ("beside", ", card: card.json"),
    ].map { name, card in
      let done = try run(site, name, "weights: \(name).safetensors\(card)")
      try #require(done.code == 0, "\(done.errors)")
      return try Data(contentsOf: site.url("output/\(name)/models/latest/model.safetensors"))
    }
    #expect(models[1] == models[0] && models[2] == models[0])
    let maps = try ["now", "metadata", "beside"].map {
      try site.pixels("output/\($0)/products/a/landcover.tif")
    }
    #expect(maps[1] == maps[0] && maps[2] == maps[0] && Set(maps[0]).count > 1)
    let card = try ModelCard(contentsOf: site.url("output/beside/models/latest/card.json").path)
    #expect(card.history == [LineageStep("elsewhere"), LineageStep("pretrain-load")])
    let inspected = try site.command("inspect", "output/beside/models/latest/model.safetensors")
    #expect(inspected.output.contains("history: elsewhere, pretrain-load\n"), "\(inspected.output)")
  }

  @Test("A card of a later format ends with 78 and says so")
  func format3() throws {
    let site = try site()
    try Data("{\"format\": 3}".utf8).write(to: site.url("card.json"))
    let done = try run(site, "later", "weights: beside.safetensors, card: card.json")
    #expect(done.code == 78)
    #expect(
      done.errors.contains(
        "\(site.url("card.json").path): the model card has format 3: a later terrane reads it, this one reads formats 1 and 2"
      ), "\(done.errors)")
  }
}
