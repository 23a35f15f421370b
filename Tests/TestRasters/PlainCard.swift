import Checkpoints
import Classes

/// The card of a model over `bands` bands that are used as they are, mean 0 and deviation 1.
package func card(bands: Int, classes: Int, encoder: String = "resnet18") -> ModelCard {
  ModelCard(
    architecture: "unet", encoder: encoder, sensor: "custom",
    bands: SyntheticScene.names(bands).map { .init(name: $0, wavelength: nil, mean: 0, deviation: 1) },
    classes: (0..<classes).map { .init(value: UInt8($0 + 1), name: "class \($0)") })
}
