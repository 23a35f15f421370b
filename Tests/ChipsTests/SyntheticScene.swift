import Checkpoints
import Foundation
import Layers
import Models
import Rasters
import Tensors

/// A directory with GeoTIFFs of one test, removed with it.
final class SyntheticScene: @unchecked Sendable {
  let directory: URL
  let grid: Grid
  private let bands: Int

  /// A scene of float bands `[C][H, W]` without offset or scale; NaN is no data.
  init(
    width: Int, height: Int, bands: Int,
    transform: GeoTransform = GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
    _ value: (_ band: Int, _ row: Int, _ column: Int) -> Float
  ) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-chips-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    grid = Grid(
      width: width, height: height, transform: transform, crs: try CRS.epsg(32632))
    self.bands = bands
    let writer = try RasterWriter(
      path: directory.appendingPathComponent("scene.tif").path, grid: grid,
      options: .init(type: .float32, bandNames: Self.names(bands)))
    for band in 0..<bands {
      let values = (0..<width * height).map { value(band, $0 / width, $0 % width) }
      try writer.write(grid.bounds, band: band + 1, values)
    }
    try writer.close()
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  static func names(_ count: Int) -> [String] { (0..<count).map { "a\($0)" } }

  /// Opens the scene.
  @Sendable func open() throws -> Scene {
    let names = Self.names(bands)
    return try Scene(
      SceneSource(path: directory.appendingPathComponent("scene.tif").path), sensor: .custom(bands: names),
      bands: names)
  }
}

/// The card of a model over `bands` bands that are used as they are, mean 0 and deviation 1.
func card(bands: Int, classes: Int, encoder: String = "resnet18") -> ModelCard {
  ModelCard(
    architecture: "unet", encoder: encoder, sensor: "custom",
    bands: SyntheticScene.names(bands).map { .init(name: $0, wavelength: nil, mean: 0, deviation: 1) },
    classes: (0..<classes).map { .init(value: UInt8($0 + 1), name: "class \($0)") })
}

/// A network that scores every pixel of every scene alike: weights of zero, the head's offsets as given.
func constantModel(bands: Int, scores: [Float]) throws -> SegmentationModel {
  let model = try SegmentationModel(card: card(bands: bands, classes: scores.count), seed: 0)
  for parameter in model.network.parameters.all {
    parameter.set(
      parameter.path == "segmentation_head.0.bias"
        ? Tensor(scores, shape: [scores.count]) : Tensor(repeating: 0, shape: parameter.tensor.shape))
  }
  return model
}
