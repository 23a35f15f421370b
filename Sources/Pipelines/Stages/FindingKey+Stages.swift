import Runs

/// Keys of the findings about maps.
extension FindingKey {
  /// The mean distance of the bands from what the model has learned from, in deviations.
  static let driftMean = FindingKey("drift-mean", "mean distance of the bands from the training data")
  /// A table with a row a band: `band`, `drift`.
  static let driftByBand = FindingKey("drift-by-band", "distance of each band from the training data")
}

/// Keys of the findings of comparisons and filters.
extension FindingKey {
  /// The method of a comparison, as the setting names it.
  static let changeMethod = FindingKey("change-method", "method of the comparison")
  /// The threshold at which change begins; left out where no change stands out.
  static let threshold = FindingKey("threshold", "where change begins")
  /// The equivalent number of looks that a test went by.
  static let looks = FindingKey("looks", "equivalent number of looks")
  /// A table with a row a date but the first: `date`, and `pixels` and `hectares` that changed first on it.
  static let firstChanges = FindingKey("first-changes", "area that changed first on each date")
  /// The filter of speckle, as the setting names it.
  static let speckleFilter = FindingKey("speckle-filter", "filter of speckle")
  /// A table with a row a band: `band`, `looks` and `looks-afterwards`.
  static let speckle = FindingKey("speckle", "equivalent number of looks before and after the filter")
}

/// Keys of the findings of training.
extension FindingKey {
  /// The number of parameters that training can change.
  static let parameters = FindingKey("parameters", "parameters of the network")
  /// The number of pixels with a label that were trained on.
  static let labelledPixels = FindingKey("labelled-pixels", "labelled pixels")
  /// A table with a row a class: `class`, `pixels`.
  static let labelledPixelsByClass = FindingKey("labelled-pixels-by-class", "labelled pixels of each class")
  /// A table with a row a file of labels and class: `file`, `scene`, `class`, `pixels`,
  /// `features-without-a-pixel-centre`.
  static let labels = FindingKey("labels", "labels of each file")
  /// A table with a row for each kind of label that counts for nothing: `file`, `scene`, `reason`, `value`,
  /// `unit`, `count`.
  static let labelsLeftOut = FindingKey("labels-left-out", "labels that count for nothing")
  /// A table with a row a file of labels and value or name that stands for a class: `file`, `scene`, `class`,
  /// `label`, `pixels`; where classes list their labels.
  static let labelOrigins = FindingKey("label-origins", "labels that stand for each class")
  /// The number of samples that a classifier has learned from.
  static let samples = FindingKey("samples", "samples that were learned from")
  /// The share of samples whose class those trees of a forest find that have not seen their ground.
  static let outOfBagAccuracy = FindingKey("out-of-bag-accuracy", "accuracy on ground out of the bag")
  /// A table with a row a feature, the most important first: `feature`, `share`.
  static let featureImportance = FindingKey("feature-importance", "importance of features")
  /// Words on the bands of other sensors that stand for the pipeline's, and on the resolution.
  static let scenesRead = FindingKey("scenes-read", "how scenes are read")
}

/// Keys of the findings of adaptation.
extension FindingKey {
  /// The number of chips of the target, without labels.
  static let unlabelledChips = FindingKey("unlabelled-chips", "unlabelled chips of the target")
  /// The adjustment of scenes before the network sees them.
  static let sceneAdjustment = FindingKey("scene-adjustment", "adjustment of scenes")
  /// A table with a row a time (`before`, `after`) with the distances of source and target.
  static let domainShift = FindingKey("domain-shift", "distance of source and target")
  /// A table with a row a map or labels (`of`) and `class`: its `share`.
  static let classProportions = FindingKey("class-proportions", "class proportions of source and target")
  /// The adaptation that goes on.
  static let chosenAdaptation = FindingKey("chosen-adaptation", "the adaptation that was chosen")
  /// The score by which the adaptation was chosen.
  static let chosenBy = FindingKey("chosen-by", "the score that it was chosen by")
  /// A table with a row a candidate: its scores, and why it was ruled out.
  static let candidates = FindingKey("candidates", "scores of the candidates")
}

/// Keys of the findings of evaluations.
extension FindingKey {
  /// A table with a row a model: `model`, `overall-accuracy`, `mean-iou`.
  static let modelScores = FindingKey("model-scores", "scores of the models")
  /// A table with a row a model: `model`, `seconds`.
  static let trainingTimes = FindingKey("training-times", "time of the trainings")
  /// Whether the recipe does worse than a model without transfer.
  static let negativeTransfer = FindingKey("negative-transfer", "whether transfer does harm")
  /// The comparison with models without transfer, in a sentence.
  static let verdict = FindingKey("verdict", "what transfer brings")
  /// The model that goes on from an evaluation.
  static let deliveredModel = FindingKey("delivered-model", "the model that goes on")
}
