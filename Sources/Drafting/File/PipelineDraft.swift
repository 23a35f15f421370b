import Foundation
import Host
import Rasters
import Scenes

/// A pipeline file made from a scene and labels that lie on it: it needs no weights and runs as it is.
public struct PipelineDraft {
  private let scenePath: String
  private let classes: DraftedClasses
  private let scene: DraftedScene
  private let ground: LabelledGround
  private let training: DraftedTraining
  private let split: DraftedSplit?
  /// The directory that paths in the file start at.
  private let base: URL

  private static let seed: UInt64 = 7

  /// Looks at a scene and its labels.
  ///
  /// - Parameters:
  ///   - scene: a raster, a product's folder, an archive, or a directory with one file a band or with several
  ///     scenes.
  ///   - labels: a raster of class values, or a vector file.
  ///   - field: the field of a vector file that holds the class; nil lets it be guessed.
  ///   - base: the directory in which the file will lie.
  /// - Throws: `DraftFailure`; what opening and reading the files throws.
  public init(scene path: String, labels: String, field: String?, in base: URL) throws {
    for file in [path, labels] where !FileManager.default.fileExists(atPath: file) {
      throw RasterError(.notFound, "open it", path: file, cause: "no such file or directory")
    }
    (scenePath, self.base) = (path, base)
    classes = try DraftedClasses(in: labels, field: field)
    scene = try DraftedScene(at: path, under: classes)
    ground = try LabelledGround(scene.labels)
    let grid = scene.guess.grid
    training = DraftedTraining(for: ground, shortSide: min(grid.width, grid.height))
    split = DraftedSplit(of: ground, chip: training.chip, seed: Self.seed)
  }

  /// The text of the file.
  public var text: String {
    [head, sensor, legend, data, chips, stages].joined(separator: "\n")
  }

  // MARK: - Parts of the file

  private var head: String {
    """
    # yaml-language-server: $schema=terrane.schema.json
    # Made by 'terrane init' from the scene \(shown(scenePath))
    # and the labels \(shown(classes.source.path)).
    # 'terrane validate FILE' checks it, 'terrane run FILE' maps. Paths start where this file is.

    name: \(name)
    seed: \(Self.seed)

    """
  }

  private var sensor: String {
    let guess = scene.guess
    var lines = Self.comments(guess.remarks)
    lines.append("sensor: \(guess.sensor.name)")
    lines += Self.list("bands", guess.bands)
    if let order = guess.bandOrder { lines += Self.list("band-order", order) }
    return lines.map { $0 + "\n" }.joined()
  }

  private var legend: String {
    var lines = Self.comments(classes.remarks) + ["classes:"]
    let entries = classes.entries.map { entry in
      let labels = entry.label.map { ", labels: [\(YAMLText.scalar($0, isQuoted: true))]" } ?? ""
      return
        "  - {value: \(entry.value), name: \(YAMLText.scalar(entry.name)), color: \"\(entry.color)\"\(labels)}"
    }
    let width = entries.map(\.count).max() ?? 0
    for (entry, count) in zip(entries, ground.counts) {
      let gap = String(repeating: " ", count: width - entry.count + 2)
      let pixels = count == 0 ? "no labelled pixel lies on the scene" : "\(count) labelled pixels"
      lines.append("\(entry)\(gap)# \(pixels)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private var data: String {
    var lines = ["data:"] + Self.comments(scene.remarks, indent: 2) + ["  target:"]
    lines.append("    - scene: \(path(scene.source.path))")
    lines.append("      labels: \(path(classes.source.path))")
    if let field = classes.source.field { lines.append("      field: \(YAMLText.scalar(field))") }
    if let layer = classes.source.layer { lines.append("      layer: \(YAMLText.scalar(layer))") }
    if classes.ignoresOthers { lines.append("      other-classes: ignore") }
    let mapped = scene.isAmongOthers ? scenePath : scene.source.path
    lines.append(
      "  scenes: \(path(mapped))" + (scene.isAmongOthers ? "   # all of them are mapped" : ""))
    return lines.map { $0 + "\n" }.joined()
  }

  private var chips: String {
    "chips: {size: \(training.chip), stride: \(training.stride)}   # pixels; \(training.chips) chips hold labels\n"
  }

  private var stages: String {
    var lines = [
      "stages:",
      "  # a fresh network, which needs no weights; "
        + (training.seesSurroundings
          ? "it sees pixels with their surroundings"
          : "with few labels one that sees single pixels does best;"),
    ]
    lines +=
      training.seesSurroundings
      ? ["  - pretrain-load: {architecture: unet, encoder: resnet18}"]
      : [
        "  # {architecture: unet, encoder: resnet18} sees their surroundings as well",
        "  - pretrain-load: {architecture: pixelwise, encoder: mlp}",
      ]
    lines += [
      "  - fine-tune:", "      strategy: full",
      "      encoder-rate: 1            # nothing to protect: the encoder learns at the full rate",
      "      learning-rate: 1e-3",
      "      epochs: \(training.epochs)",
      "      batch: \(training.batch)",
    ]
    if training.balances { lines.append("      class-weights: balanced    # some classes have few labels") }
    lines.append("      validation: 0              # all labels are for training")
    if let split {
      let trainings =
        "it is trained \(split.folds) times more, each time without a part of the labels, to score it by them"
      lines += Self.comments([trainings] + split.remarks, indent: 2)
      lines.append("  - evaluate: {\(split.settings), from-scratch: false}")
    } else {
      lines += Self.comments(
        [
          "the labels are too few to hold any out: there is no 'evaluate', and nobody knows how good the map is"
        ],
        indent: 2)
    }
    lines += ["  - inference: {window: 256, overlap: 64}", "  - geotiff: {confidence: true, style: qml}"]
    return lines.map { $0 + "\n" }.joined()
  }

  // MARK: - Texts

  /// The name of the pipeline: that of the scene, as far as it can be one.
  private var name: String {
    let stem = URL(fileURLWithPath: scene.isAmongOthers ? scenePath : scene.source.path)
      .deletingPathExtension().lastPathComponent
    let kept = stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" }
    let text = String(kept).split(separator: "-").joined(separator: "-")
    return text.first.map { $0.isLetter || $0.isNumber } == true ? "\(text.prefix(60))" : "first-map"
  }

  /// Returns a path as the file writes it: as the user gave it where it was absolute, else from the file's
  /// directory.
  private func path(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return YAMLText.scalar(path) }
    let target = URL(fileURLWithPath: path).standardizedFileURL.pathComponents
    let start = base.standardizedFileURL.pathComponents
    let shared = zip(target, start).prefix { $0 == $1 }.count
    let parts = Array(repeating: "..", count: start.count - shared) + target.dropFirst(shared)
    return YAMLText.scalar(parts.isEmpty ? "." : parts.joined(separator: "/"))
  }

  private func shown(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent.visibleLine }

  /// Returns `key: [a, b]` in lines that are not too long.
  private static func list(_ key: String, _ values: [String]) -> [String] {
    var lines = ["\(key): ["]
    for (index, value) in values.enumerated() {
      let text = YAMLText.scalar(value) + (index + 1 < values.count ? ", " : "]")
      if lines[lines.count - 1].count + text.count > 100 { lines.append("  ") }
      lines[lines.count - 1] += text
    }
    return lines.map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// Returns sentences as comments, each in lines that are not too long.
  private static func comments(_ sentences: [String], indent: Int = 0) -> [String] {
    let margin = String(repeating: " ", count: indent) + "# "
    return sentences.flatMap { sentence -> [String] in
      var lines = [margin]
      for word in sentence.visibleLine.split(separator: " ") {
        let isFirst = lines[lines.count - 1].hasSuffix("# ") || lines[lines.count - 1].hasSuffix("#   ")
        if !isFirst && lines[lines.count - 1].count + word.count > 100 { lines.append(margin + "  ") }
        lines[lines.count - 1] += (lines[lines.count - 1].hasSuffix(" ") ? "" : " ") + word
      }
      return lines
    }
  }
}
