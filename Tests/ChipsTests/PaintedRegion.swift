import Checkpoints
import Chips
import Classes
import Rasters
import Scenes

/// A region whose values, validity and labels are functions of place; NaN lies where it has no data.
func paintedRegion(
  _ width: Int, _ height: Int, bands: Int = 1,
  isValid: (_ row: Int, _ column: Int) -> Bool = { _, _ in true },
  label: (_ row: Int, _ column: Int) -> UInt8 = { _, _ in 0 },
  value: (_ band: Int, _ row: Int, _ column: Int) -> Float
) -> LabelledRegion {
  let places = (0..<width * height).map { (row: $0 / width, column: $0 % width) }
  let valid = places.map { isValid($0.row, $0.column) }
  let values = (0..<bands).flatMap { band in
    places.indices.map { valid[$0] ? value(band, places[$0].row, places[$0].column) : .nan }
  }
  return LabelledRegion(
    window: Window(column: 0, row: 0, width: width, height: height),
    pixels: PixelBlock(width: width, height: height, bandCount: bands, values: values, valid: valid),
    labels: places.map { label($0.row, $0.column) }, ground: Ground(named: "painted"))
}

/// The normalisation of bands with these units and so on.
func normalization(_ bands: [ModelCard.Band]) -> Normalization {
  Normalization(
    ModelCard(
      architecture: "unet", encoder: "resnet18", sensor: "custom", bands: bands,
      classes: [.init(value: 1, name: "one")]))
}

extension ModelCard.Band {
  /// A band that is used as it is.
  static func plain(wavelength: Double? = nil, unit: String? = nil) -> ModelCard.Band {
    .init(name: "band", wavelength: wavelength, mean: 0, deviation: 1, unit: unit)
  }
}

extension Augmentation {
  /// One or a few variations and no other.
  static func only(_ change: (inout Augmentation) -> Void) -> Augmentation {
    var augmentation = Augmentation.none
    change(&augmentation)
    return augmentation
  }
}

/// Mean and variance.
func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
}
