import Checkpoints
import Classes
import Foundation
import Host
import Models
import Products
import Runs
import Settings
import Transfer

/// A report of the distance of source and target before and after an adaptation: findings,
/// `domain-shift.json`, and `domain-shift.svg`, a picture of the features of both.
struct DomainShiftReport {
  private static let table = Layer("domain-shift", file: "domain-shift.json", .document)
  private static let picture = Layer("domain-shift-features", file: "domain-shift.svg", .document)

  private let classes: [String]
  private let labels: ClassProportions
  private let before, after: View

  /// Both domains as one model sees them.
  private struct View {
    let source, target: PixelPredictions
    let distance: DomainDistance
    let mapsClasses: Bool

    init?(_ chips: DomainChips, _ model: Model) throws {
      guard let source = try chips.source(seenBy: model), let target = try chips.target(seenBy: model) else {
        return nil
      }
      (self.source, self.target) = (source, target)
      distance = DomainDistance(source.features, target.features)
      mapsClasses = model.card.hasTrainedHead
    }
  }

  /// Carries out an adaptation and puts a report beside its model, where the source has labels.
  ///
  /// A comparison that fails is a warning: the model is there all the same.
  static func comparing(
    _ context: JobContext, file: PipelineFile, _ adapt: () throws -> Artifact
  ) throws -> Artifact {
    guard !DomainChips.scenes(of: file).isEmpty, !SceneOpening(file).targetScenes.isEmpty else {
      return try adapt()
    }
    let before = try ModelFiles.read(context)
    var artifact = try adapt()
    context.progress.note("comparing the domains")
    do {
      let after = try Model(
        contentsOf: context.directory.appendingPathComponent(ModelFiles.weights.file).path)
      let chips = DomainChips(file) { scenes, model in
        try scenes.map(SceneOpening(file, adjustingFor: model.card).region)
      }
      guard let report = try DomainShiftReport(chips, before, after) else {
        artifact.notes.append("the domains were not compared: too few pixels are valid")
        return artifact
      }
      artifact.layers += try report.write(to: context.directory)
      artifact.findings += report.findings
    } catch {
      artifact.notes.append("the domains were not compared: \(error)")
    }
    return artifact
  }

  private init?(_ chips: DomainChips, _ before: Model, _ after: Model) throws {
    guard let old = try View(chips, before), let new = try View(chips, after) else { return nil }
    (self.before, self.after) = (old, new)
    classes = after.card.classes.map(\.name)
    labels = try chips.labelProportions(for: before)
  }

  private func write(to directory: URL) throws -> [Layer] {
    var members = figures
    members["pixels"] = [
      "source": .int(before.source.features.count), "target": .int(before.target.features.count),
    ]
    members["chips"] = ["source": .int(before.source.chips), "target": .int(before.target.chips)]
    try RegularFile.write(
      Data(JSONValue.object(members).pretty.utf8), to: directory.appendingPathComponent(Self.table.file).path)
    let chart = ScatterChart(panels: [panel("before", before), panel("after", after)].compactMap(\.self))
    try RegularFile.write(Data(chart.svg.utf8), to: directory.appendingPathComponent(Self.picture.file).path)
    return [Self.table, Self.picture]
  }

  // MARK: - Figures

  /// The class proportions, each with what they are of.
  private var proportions: [(of: String, ClassProportions)] {
    var proportions = [("source labels", labels)]
    for (name, view) in [("before", before), ("after", after)] where view.mapsClasses {
      proportions.append(("source map \(name)", view.source.mapped))
      proportions.append(("target map \(name)", view.target.mapped))
    }
    return proportions
  }

  private var findings: [Finding] {
    let distances = [("before", before.distance), ("after", after.distance)].map {
      time, distance -> [JSONValue?] in
      [.string(time)]
        + [
          distance.squaredMMD, distance.correlation, distance.separation?.accuracy,
          distance.separation?.proxyADistance,
        ].map { $0.map(JSONValue.number) }
    }
    let columns = [
      "time", "squared-mmd", "coral-distance", "domain-classifier-accuracy", "proxy-a-distance",
    ].map { FindingTable.Column($0) }
    let shares = proportions.flatMap { whose, proportions in
      zip(classes, proportions.shares).map { [JSONValue.string(whose), .string($0), .number($1)] }
    }
    return [
      Finding(.domainShift, .table(FindingTable(columns, distances))),
      Finding(
        .classProportions, .table(FindingTable([.init("of"), .init("class"), .init("share")], shares))),
    ]
  }

  /// The distances and proportions for `domain-shift.json`.
  private var figures: [String: JSONValue] {
    [
      "domain shift": ["before": figures(before.distance), "after": figures(after.distance)],
      "class proportions": .object(
        Dictionary(uniqueKeysWithValues: proportions.map { ($0.of, shares($0.1)) })),
    ]
  }

  private func figures(_ distance: DomainDistance) -> JSONValue {
    [
      "squared MMD": number(distance.squaredMMD), "CORAL distance": number(distance.correlation),
      "domain-classifier accuracy": number(distance.separation?.accuracy),
      "proxy A-distance": number(distance.separation?.proxyADistance),
    ]
  }

  private func shares(_ proportions: ClassProportions) -> JSONValue {
    .object(
      Dictionary(zip(classes, proportions.shares.map(JSONValue.number)), uniquingKeysWith: { one, _ in one }))
  }

  /// Returns a number; null for a NaN, which has no place in JSON: there were too few pixels.
  private func number(_ value: Double?) -> JSONValue {
    value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
  }

  // MARK: - The picture

  /// The largest number of points of a domain in a picture.
  private static let largestCloud = 300

  private func panel(_ title: String, _ view: View) -> ScatterChart.Panel? {
    let (source, target) = (view.source.features, view.target.features)
    guard let components = PrincipalComponents(of: source, target) else { return nil }
    func axis(_ index: Int) -> String {
      "component \(index + 1), \(String(format: "%.0f", 100 * components.shares[index])) % of the variance"
    }
    var subtitle = String(format: "squared MMD %.3f", view.distance.squaredMMD)
    if let separation = view.distance.separation {
      subtitle += String(format: ", domain-classifier accuracy %.2f", separation.accuracy)
    }
    func cloud(_ name: String, _ sample: FeatureSample) -> ScatterChart.Series {
      let points = components.points(of: sample)
      let count = min(Self.largestCloud, points.count)
      return .init(name: name, points: (0..<count).map { points[$0 * points.count / count] })
    }
    return ScatterChart.Panel(
      title: "features \(title) the adaptation", subtitle: subtitle, xTitle: axis(0), yTitle: axis(1),
      series: [cloud("source", source), cloud("target", target)])
  }
}
