import Runs
import Settings

extension SegmentationScore: ReportedScore {
  package static let headline = Headline("mIoU", .meanIoU)
  package static let summary: [(column: String, figure: String)] = [
    (column: "overall-accuracy", figure: "OA"), ("mean-iou", "mIoU"),
  ]
  package static let classFigure = "IoU"

  package var headline: Double { matrix.meanIoU }

  package var figures: [ScoreFigure] {
    [
      ScoreFigure("OA", matrix.overallAccuracy), ScoreFigure("kappa", matrix.kappa),
      ScoreFigure("weighted kappa", column: "w. kappa", matrix.weightedKappa).ofOrderedClasses,
      ScoreFigure("mIoU", matrix.meanIoU), ScoreFigure("F1", matrix.meanF1),
      ScoreFigure("boundary IoU", column: "bIoU", boundary.mean),
      ScoreFigure("calibration error", column: "ECE", calibration.expectedError),
    ]
  }

  package var classFigures: [Double] { (0..<matrix.classes).map { matrix.scores(of: $0).iou } }

  package func details(classes: [String], seeds: Int, first: SegmentationScore) -> [String: JSONValue] {
    let perClass = classes.enumerated().map { index, name -> (String, JSONValue) in
      let scores = matrix.scores(of: index)
      let figures: JSONValue = [
        "precision": JSONValue(figure: scores.precision), "recall": JSONValue(figure: scores.recall),
        "F1": JSONValue(figure: scores.f1), "IoU": JSONValue(figure: scores.iou),
        "pixels": .int(scores.support / seeds),
      ]
      return (name, figures)
    }
    return [
      "pixels": .int(first.matrix.total),
      "mapped, not in the labels": .array(matrix.onlyMapped.map { .string(classes[$0]) }),
      "per class": .object(Dictionary(uniqueKeysWithValues: perClass)),
      "confusion (rows reference, columns map)": .array(matrix.rows), "area": first.areas(of: classes),
    ]
  }

  /// Returns the area of each class, corrected for the map's confusions: within the labels' bounding box.
  private func areas(of classes: [String]) -> JSONValue {
    guard let area else { return .null }
    let unit = pixelArea == nil ? "pixels" : "hectares"
    let factor = pixelArea == nil ? 1 : 1e-4
    let estimates = classes.enumerated().map { index, name -> (String, JSONValue) in
      let estimate = area.areas[index]
      let mapped = Double(mappedPixels[index]) * (pixelArea ?? 1)
      let figures: JSONValue = [
        unit: JSONValue(figure: estimate.value * factor),
        "plus or minus": JSONValue(figure: estimate.margin * factor),
        "mapped": JSONValue(figure: mapped * factor),
      ]
      return (name, figures)
    }
    return .object(Dictionary(uniqueKeysWithValues: estimates))
  }

  package static func footnote(_ scores: [SegmentationScore], classes: [String]) -> String {
    let mapped = Set(scores.flatMap(\.matrix.onlyMapped)).sorted().map { "'\(classes[$0])'" }
    return "mIoU and F1 are means over the classes that the labels or the map hold"
      + (mapped.isEmpty
        ? "" : "; \(mapped.joined(separator: ", ")), which no label has, with 0 where it is mapped")
  }
}

extension ConfusionMatrix {
  /// The counts, a row a reference class.
  var rows: [JSONValue] {
    (0..<classes).map { row in .array((0..<classes).map { .int(counts[row * classes + $0]) }) }
  }
}
