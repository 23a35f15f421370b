import Foundation
import Rasters
import Runs
import Scenes
import Settings

/// A report of the labels of several scenes, for the findings and the warnings of the job that uses them.
struct LabelReport {
  /// The labels of one scene.
  struct Entry {
    /// The scene and its labels, as the file lists them.
    let scene: SceneEntry
    /// The survey of the labels on the scene's grid.
    let survey: LabelSurvey
  }

  let entries: [Entry]
  private let classes: [String]
  /// The classes that images show as a whole; nil where no image is labelled so.
  private let shown: Set<String>?

  /// Opens the labels of scenes on the scenes' grids and reads them once; no pixel of a scene is read. Scenes
  /// without labels are passed over.
  ///
  /// - Throws: `RasterError` for labels that cannot be used: `badField` for values of a vector file that are
  ///   no class, unless the entry says `other-classes: ignore`; `noLabels` where nothing falls on the scene.
  init(of scenes: [SceneEntry], in file: PipelineFile) throws {
    let opening = SceneOpening(file)
    classes = file.classes.map(\.name)
    let images = scenes.compactMap(\.shownClasses)
    shown = images.isEmpty ? nil : Set(images.joined())
    entries = try scenes.compactMap { scene in
      guard scene.labels != nil else { return nil }
      let grid = try opening.scene(of: scene).grid
      return try opening.labels(of: scene, on: grid).map { Entry(scene: scene, survey: try $0.survey()) }
    }
  }

  /// Labelled pixels by class, over all scenes.
  var pixels: [Int] {
    entries.reduce(into: Array(repeating: 0, count: classes.count)) { sums, entry in
      for (index, count) in entry.survey.pixels.enumerated() { sums[index] += count }
    }
  }

  /// Says in sentences which labels count for nothing, and which classes have no label.
  ///
  /// - Parameter usable: labelled pixels by class that are valid in their scenes too, where they were
  ///   counted.
  func warnings(usable: [Int]? = nil) -> [String] {
    entries.flatMap(warnings) + absentClasses(usable: usable) + absentImages
  }

  private func warnings(of entry: Entry) -> [String] {
    let (survey, name) = (entry.survey, entry.scene.labels?.lastPathComponent ?? "labels")
    var warnings: [String] = []
    if !survey.others.isEmpty, !entry.scene.ignoresOtherClasses {
      let unit = survey.unit.rawValue
      warnings.append(
        "\(name): \(Self.listed(survey.others) { "\($0.value): \($0.count) \(unit)" }) are no class of the pipeline"
      )
    }
    let uncovering = zip(classes, survey.uncovering).filter { $0.1 > 0 }
    if !uncovering.isEmpty {
      warnings.append(
        "\(name): \(uncovering.map { "\($0.1) features of '\($0.0)'" }.joined(separator: ", ")) cover no pixel centre of "
          + entry.scene.scene.fileName)
    }
    if survey.withoutValue > 0 {
      warnings.append("\(name): \(survey.withoutValue) features hold no value in the field of the class")
    }
    if survey.withoutGeometry > 0 {
      warnings.append("\(name): \(survey.withoutGeometry) features of the classes have no geometry")
    }
    return warnings
  }

  /// A sentence on the classes that no image is labelled with as a whole; none beside labels of scenes.
  private var absentImages: [String] {
    guard entries.isEmpty, let shown else { return [] }
    let absent = classes.filter { !shown.contains($0) }.map { "'\($0)'" }
    return absent.isEmpty ? [] : ["no image shows \(absent.joined(separator: ", "))"]
  }

  private func absentClasses(usable: [Int]?) -> [String] {
    guard !entries.isEmpty else { return [] }
    let counts = pixels
    let absent = classes.indices.filter { counts[$0] == 0 }
    let hidden = classes.indices.filter { counts[$0] > 0 && usable?[$0] == 0 }
    let names = { (indices: [Int]) in indices.map { "'\(classes[$0])'" }.joined(separator: ", ") }
    var warnings: [String] = []
    if !absent.isEmpty {
      let fill = fillCounts.map { "\($0.value): \($0.count) pixels" }.joined(separator: ", ")
      warnings.append(
        "no labelled pixel of \(names(absent))" + (fill.isEmpty ? "" : " (\(fill) count as unlabelled)"))
    }
    if !hidden.isEmpty {
      warnings.append("no labelled pixel of \(names(hidden)) is valid in its scene")
    }
    return warnings
  }

  /// The pixels of 0 and of 255 over all scenes.
  private var fillCounts: [(value: String, count: Int)] {
    let fill = entries.flatMap(\.survey.fill)
    return Set(fill.map(\.value)).sorted().map { value in
      (value, fill.filter { $0.value == value }.reduce(0) { $0 + $1.count })
    }
  }

  private static func listed(_ entries: [LabelTally.Entry], _ text: (LabelTally.Entry) -> String) -> String {
    let shown = entries.prefix(8).map(text).joined(separator: ", ")
    let rest = entries.dropFirst(8)
    guard !rest.isEmpty else { return shown }
    return "\(shown) and \(rest.count) more values (\(rest.reduce(0) { $0 + $1.count }))"
  }

  /// Returns the labels file by file, and those that count for nothing; no finding where there are no labels.
  ///
  /// - Parameter usable: labelled pixels by class that are valid in their scenes too, where they were
  ///   counted.
  func findings(usable: [Int]? = nil) -> [Finding] {
    guard !entries.isEmpty else { return [] }
    let totals = zip(classes, usable ?? pixels).map { [JSONValue.string($0), .int($1)] }
    return [fileFinding, originFinding, leftOutFinding].compactMap(\.self) + [
      Finding(.labelledPixelsByClass, .table(FindingTable([.init("class"), .init("pixels")], totals)))
    ]
  }

  private var fileFinding: Finding {
    let rows = entries.flatMap { entry in
      classes.indices.map { index -> [JSONValue?] in
        names(of: entry) + [
          .string(classes[index]), .int(entry.survey.pixels[index]),
          entry.survey.unit == .pixels ? nil : .int(entry.survey.uncovering[index]),
        ]
      }
    }
    let columns = ["file", "scene", "class", "pixels", "features-without-a-pixel-centre"]
    return Finding(.labels, .table(FindingTable(columns.map { .init($0) }, rows)))
  }

  /// The values and names by which labels have their classes, where the file lists any.
  private var originFinding: Finding? {
    let rows = entries.flatMap { entry in
      entry.survey.origins.map { origin -> [JSONValue?] in
        names(of: entry) + [
          .string(classes[origin.classIndex]), .string(origin.label), .int(origin.pixels),
        ]
      }
    }
    let columns = ["file", "scene", "class", "label", "pixels"]
    return rows.isEmpty ? nil : Finding(.labelOrigins, .table(FindingTable(columns.map { .init($0) }, rows)))
  }

  /// The largest number of values of a file that are told apart.
  private static let mostValues = 100

  private var leftOutFinding: Finding? {
    let rows = entries.flatMap { entry in
      let survey = entry.survey
      func values(_ reason: String, _ entries: [LabelTally.Entry]) -> [[JSONValue?]] {
        entries.prefix(Self.mostValues).map { [.string(reason), .string($0.value), .int($0.count)] }
      }
      let counts = [
        ("outside", survey.outside), ("without-a-value", survey.withoutValue),
        ("without-a-geometry", survey.withoutGeometry),
      ].filter { $0.1 > 0 }.map { [JSONValue?.some(.string($0)), nil, .int($1)] }
      return (values("no-class", survey.others) + values("taken-as-unlabelled", survey.fill) + counts).map {
        names(of: entry) + $0 + [.string(survey.unit.rawValue)]
      }
    }
    let columns = ["file", "scene", "reason", "value", "count", "unit"]
    return rows.isEmpty ? nil : Finding(.labelsLeftOut, .table(FindingTable(columns.map { .init($0) }, rows)))
  }

  private func names(of entry: Entry) -> [JSONValue?] {
    [
      .string(entry.scene.labels?.lastPathComponent ?? ""), .string(entry.scene.scene.fileName),
    ]
  }

  /// Returns the error for values of a vector file that are no class.
  static func unknownClasses(_ others: [LabelTally.Entry], in labels: URL, of file: PipelineFile)
    -> RasterError
  {
    let known = file.classes.indices.flatMap { index in
      let listed = file.listedLabels.indices.contains(index) ? file.listedLabels[index] : []
      return listed.isEmpty ? [file.classes[index].name] : listed
    }
    let values = listed(others) { entry in
      let meant = Double(entry.value) == nil ? NearestKey.nearest(to: entry.value, in: known) : nil
      return "\(entry.count) features: \(entry.value)" + (meant.map { " (did you mean '\($0)'?)" } ?? "")
    }
    return RasterError(
      .badField, "find the class of all features", path: labels.path,
      cause: "no class of the pipeline: \(values); its classes are "
        + file.classes.enumerated().map { index, entry in
          let listed = file.listedLabels.indices.contains(index) ? file.listedLabels[index] : []
          return "\(entry.value) \(entry.name)"
            + (listed.isEmpty ? "" : " (\(listed.joined(separator: ", ")))")
        }.joined(separator: ", ")
        + "; 'other-classes: ignore' beside 'labels' leaves other values out")
  }
}
