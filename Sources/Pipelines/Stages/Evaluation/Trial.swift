import Chips

/// A training of all models that are compared: by one seed, on what a fold leaves of the labels or on a share
/// of them.
struct Trial {
  /// The name of the trial, unique in the evaluation; a file name.
  let id: String
  /// The title of the trial: `seed 2, fold 3/4, 30 % of the labels`.
  let title: String
  /// The index of the seed, counted from 0.
  let seedIndex: Int
  /// The share of the labels that may be trained on.
  let fraction: Double
  /// The seed of everything random.
  let seed: UInt64
  /// The labels that are left of labelled scenes; scenes that are not in it keep all.
  let kept: [SceneEntry: LabelledRegion]
  /// The first stage that is trained anew; nil where the chain's own models are scored.
  let firstTrained: Int?
  /// The labels to score by.
  let heldOut: any HeldOutLabels
  /// The trial's labels split again without those held out, to choose among candidates by; empty where
  /// nothing is chosen.
  let inner: [Trial]

  /// Whether fresh networks are drawn anew.
  var isReseeded: Bool { seedIndex > 0 }

  /// Returns the trial on all labels of a chain's file, by its seed, with nothing held out.
  static func allLabels(of chain: EvaluatedChain) -> Trial {
    Trial(
      id: "all", title: "all labels", seedIndex: 0, fraction: 1, seed: chain.file.seed, kept: [:],
      firstTrained: nil,
      heldOut: HeldOutRegions(
        held: [], scenes: [],
        maps: ScoredMaps(file: chain.file, mapping: chain.mapping, context: chain.context)), inner: [])
  }
}
