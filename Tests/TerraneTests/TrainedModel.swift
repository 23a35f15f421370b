import Foundation
import Testing

/// A pipeline file for the small scenes, and the model that one pass of training gives; trained once for all
/// tests.
enum TrainedModel {
  static let head = """
    name: small
    seed: 7
    output: out
    sensor: sentinel-2-l2a
    bands: [B02, B03, B04, B08, B11, B12]
    classes:
      - {value: 1, name: water}
      - {value: 2, name: trees}
      - {value: 3, name: cropland}
      - {value: 4, name: built-up}
      - {value: 5, name: bare}
      - {value: 6, name: wetland}
    chips: {size: 64, stride: 64}

    """

  static let mapping = """
      - inference: {window: 64, overlap: 16, memory: 512MiB}
      - geotiff: {confidence: true}

    """

  /// Trains on the workplace's `labelled.tif` and maps its scenes.
  static let wholeChain =
    head + """
      data:
        target: [{scene: labelled.tif, labels: labels.tif}]
        scenes: scenes
      stages:
        - pretrain-load:
        - fine-tune: {strategy: full, epochs: 1, validation: 0, batch: 4}

      """ + mapping

  /// Maps the workplace's scenes with trained weights.
  static func mapOnly(weights: String) -> String {
    head + """
      data: {scenes: scenes}
      stages:
        - pretrain-load: {weights: \(weights)}

      """ + mapping
  }

  /// Puts the labelled scene of the whole chain into a workplace.
  static func putLabelledScene(into workplace: Workplace) throws {
    try SmallScene.write(
      to: workplace.path("labelled.tif"), column: 100, row: 100, side: 128,
      from: "region-a/optical/s2_2023-06-14.tif")
    try SmallScene.writeLabels(to: workplace.path("labels.tif"), column: 100, row: 100, side: 128)
  }

  private static let trained = Result {
    let workplace = try Workplace()
    try putLabelledScene(into: workplace)
    try SmallScene.write(to: workplace.path("scenes/first.tif"))
    try workplace.write("pipeline.yaml", wholeChain)
    let ending = try workplace.run("--threads", "2")
    try #require(ending.code == 0, "\(ending.errors)")
    atexit { try? TrainedModel.place.get().removeFromDisk() }
    return workplace
  }

  private static var place: Result<Workplace, any Error> { trained }

  /// The weights.
  static func weights() throws -> String {
    try trained.get().path("out/models/latest/model.safetensors")
  }

  /// A workplace whose pipeline file maps with the trained model.
  static func workplace(scenes: [String] = []) throws -> Workplace {
    let workplace = try Workplace()
    try workplace.write("pipeline.yaml", mapOnly(weights: try weights()))
    for (index, name) in scenes.enumerated() {
      try SmallScene.write(to: workplace.path("scenes/\(name).tif"), column: 100 + 40 * index)
    }
    return workplace
  }
}

extension Workplace {
  /// A static is never released: its directory goes when the tests end.
  fileprivate func removeFromDisk() { try? FileManager.default.removeItem(at: directory) }
}
