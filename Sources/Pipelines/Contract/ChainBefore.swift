import Checkpoints
import Classes
import Rasters
import Transfer

/// What a file says before one of its stages.
package struct ChainBefore {
  /// The classes of the file.
  let classes: [Legend.Entry]
  /// The stages before it, in order.
  let stages: [any Stage]

  /// Whether the chain begins with a published network that keeps its classes: those of the file have their
  /// names, or the file has none.
  var keepsPublishedClasses: Bool {
    guard let known = stages.networks.last?.publishedClasses, !known.isEmpty else { return false }
    return classes.isEmpty || Set(classes.map(\.name)) == Set(known.map(\.landClass.name))
  }

  /// The recipe of fine-tuning that the file need not write.
  var fineTuning: TrainingRecipe { keepsPublishedClasses ? .publishedNetwork : TrainingRecipe() }
}
