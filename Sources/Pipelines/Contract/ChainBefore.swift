import Transfer

/// What a file says before one of its stages, as far as defaults of settings depend on it.
package struct ChainBefore {
  /// The names of the file's classes; none where it has no classes.
  let classes: [String]
  /// The names of the classes that the published network of the chain tells apart as it is; none where that
  /// is not known.
  let publishedClasses: [String]
  /// Whether a stage before has started a network.
  let hasNetwork: Bool

  /// Whether the chain begins with a published network that keeps its classes: those of the file have their
  /// names, or the file has none.
  var keepsPublishedClasses: Bool {
    !publishedClasses.isEmpty && (classes.isEmpty || Set(classes) == Set(publishedClasses))
  }

  /// The recipe of fine-tuning that the file need not write.
  var fineTuning: TrainingRecipe { keepsPublishedClasses ? .publishedNetwork : TrainingRecipe() }
}
