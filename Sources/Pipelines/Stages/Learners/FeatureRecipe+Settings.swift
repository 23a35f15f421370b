import Checkpoints
import Foundation
import Settings

extension FeatureRecipe {
  /// Reads the features that a classifier is to see.
  init(_ settings: SettingsReader) {
    self.init()
    bands = settings.bool("bands", default: true, "whether the normalised bands themselves are features")
    indices = settings.strings(
      "indices", default: [], matching: "^[^/]+/[^/]+$",
      "pairs of bands, 'B08/B04', whose normalised differences are features"
    ).map { $0.split(separator: "/").map { String($0).trimmingCharacters(in: .whitespaces) } }
    context = settings.ints(
      "context", default: [7, 31], in: 3...255,
      "sides in pixels, odd, of the windows in which each band's mean and deviation are features")
    if context.contains(where: { $0 % 2 == 0 }) {
      settings.problem("context", "a pixel lies in the middle of 'context' windows: their sides are odd")
    }
    layers = settings.strings(
      "layers", default: [], "maps of the network's encoder whose values are features, by name")
    if !bands && indices.isEmpty && context.isEmpty && layers.isEmpty {
      settings.problem(
        "bands", "without 'bands' there are no features: give 'indices', 'context' or 'layers'")
    }
  }

  /// Says which of the features bands of these names cannot give, one phrase each.
  func problems(bands names: [String]) -> [String] {
    Set(indices.joined()).filter { !names.contains($0) }.sorted().map {
      "there is no band '\($0)' for 'indices': bands are \(names.joined(separator: ", "))"
    }
  }
}
