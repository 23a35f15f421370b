/// The name that a finding has for programs and for people.
///
/// The name for programs is stable: scripts read `summary.json` by it, and docs/findings.md says what it
/// stands for.
public struct FindingKey: Sendable, Hashable {
  /// The name for programs, in kebab-case (`changed-hectares`).
  public let name: String
  /// The name for people (`area of change`).
  public let title: String
  /// The unit of a number; nil for a number without one, and for other values.
  public let unit: String?

  /// Names a finding; the names are literals, so that they can be held against the documentation.
  public init(_ name: StaticString, _ title: StaticString, unit: StaticString? = nil) {
    (self.name, self.title) = ("\(name)", "\(title)")
    self.unit = unit.map { "\($0)" }
  }
}

extension FindingKey {
  /// The text of a report, as lines that a terminal shows.
  package static let report = FindingKey("report", "the report as text")
  /// The best mean IoU on labels that a training held out, 0 to 1.
  package static let meanIoU = FindingKey("mean-iou", "mean IoU on held-out labels")
  /// The best share of right answers on labelled chips that a training held out, 0 to 1.
  package static let accuracy = FindingKey("accuracy", "accuracy on held-out labels")
  /// The best mean over the classes of their average precision on labelled chips that a training held out, 0
  /// to 1.
  package static let meanAveragePrecision = FindingKey(
    "mean-average-precision", "mean average precision on held-out labels")
  /// A row a class: `class`, `chips`, and `share` of the chips that show it.
  package static let classChips = FindingKey("class-chips", "chips of each class")
  /// The findings that measure how good a model is, each with its short name.
  static let headlines: [(key: FindingKey, name: String)] = [
    (meanIoU, "mIoU"), (accuracy, "accuracy"), (meanAveragePrecision, "mAP"),
  ]

  /// A row a class: `class`, `pixels`, `hectares`, and `share` of the mapped pixels.
  package static let classAreas = FindingKey("class-areas", "area of each class")
  /// A row a class of the map that is published, where it was cleaned: `class`, `pixels`, `hectares`, and
  /// `share` of the mapped pixels.
  package static let cleanedAreas = FindingKey("cleaned-areas", "area of each class of the cleaned map")
  /// Pixels that all dates of a comparison observed.
  package static let observedPixels = FindingKey("observed-pixels", "pixels that all dates observed")
  /// The area of the observed pixels; left out where the grid is not in metres.
  package static let observedHectares = FindingKey(
    "observed-hectares", "area that all dates observed", unit: "ha")
  /// Observed pixels that changed.
  package static let changedPixels = FindingKey("changed-pixels", "pixels that changed")
  /// The area of the changed pixels; left out where the grid is not in metres.
  package static let changedHectares = FindingKey("changed-hectares", "area that changed", unit: "ha")
  /// A row a pair of classes that some pixel went through: `from`, `to`, `pixels`, `hectares`.
  package static let transitions = FindingKey("transitions", "changes from class to class")
}
