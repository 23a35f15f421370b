import Checkpoints
import Chips
import Foundation
import Rasters
import Scenes
import Settings
import Tasks

/// A pipeline file that has been read and checked: what to learn from, what to map, and the stages in
/// between.
public struct PipelineFile: Sendable {
  /// The largest number of classes: one value of a byte means no class in labels, and one no data in maps.
  static let largestClassCount = 254

  /// The URL of the pipeline file.
  public var url: URL
  /// The pipeline's name; products and the default output directory are called after it.
  public var name: String
  /// The seed of everything random.
  public var seed: UInt64
  /// The sensor that names the bands, their unit and their no-data (`sentinel-2-l2a`).
  public var sensor: String
  /// The bands that networks see, in this order; unique.
  public var bands: [String]
  /// All bands of each scene file in file order; wins over the names in the files.
  public var bandOrder: [String]?
  /// Metres of a pixel that all scenes are brought to; nil for their own.
  public var resolution: Double?
  /// The classes of the maps, two to ``largestClassCount``, values and names unique; empty only where no
  /// stage needs them.
  public let classes: [Legend.Entry]
  /// The colours of ``classes`` as the file writes them, in capitals or not; keys of jobs hold these texts.
  let writtenColors: [String]
  /// The name of the models' task, one of the catalogue.
  let taskName: String
  /// The scenes to learn from and to map.
  public var data: PipelineData
  /// The cutting of scenes into chips for training.
  public var chips: ChipSettings
  /// The directory that everything is written to; `output/<name>` beside the file unless said otherwise.
  public var output: URL
  /// Whether VRT files are opened, which can name any other file.
  public var allowVRT: Bool
  /// Seconds that a scene's files must have rested before the scene is worked on.
  public var settle: Double
  /// The stages, in order.
  public let stages: [StageDeclaration]
  /// The way in which the file's network compares two dates; nil where it sees one, or there is none.
  let comparison: DateComparison?
  /// The store that holds the pixels of the regions that are learned from.
  let pixels: PixelStore
  /// All settings in force, defaults filled in, without paths.
  public var resolved: JSONValue
  /// The text of the file, for messages about what it names.
  let source: SourceText
}

extension PipelineFile {
  /// The task of the file's models, over its classes.
  package var task: any PredictionTask { taskType.init(classes: classes.count) }

  /// The type of the file's task, which does not depend on the classes.
  package var taskType: any PredictionTask.Type {
    guard let task = TaskCatalogue.named(taskName) else {
      preconditionFailure("a pipeline file was read with the unknown task '\(taskName)'")
    }
    return task
  }
}

/// Settings of the cutting of scenes into chips for training.
public struct ChipSettings: Sendable, Hashable {
  /// The side of a chip in pixels.
  public var size: Int
  /// The distance between the corners of neighbouring chips in pixels.
  public var stride: Int
  /// Bytes that the pixels and labels of regions that chips are cut from may take in memory; the rest of the
  /// pixels lies in a file.
  public var memory: Int
}

/// A scene, or two of one ground, and what is known about it.
public struct SceneEntry: Sendable, Hashable {
  /// The scene, of two dates the later one; refused where it was not found.
  public var scene: SceneSource
  /// The earlier of two dates, for a network that compares them.
  public var before: SceneSource?
  /// The names of the pipeline's classes that the whole image shows, in the pipeline's order; nil where
  /// labels are elsewhere.
  public var shownClasses: [String]?
  /// The labels: a raster of class values or a vector file.
  public var labels: URL?
  /// The attribute of a vector file that holds the class value or name.
  public var field: String?
  /// The layer of a vector file, which needs no name where it is the only one.
  public var layer: String?
  /// Whether label values that are no class are left out; otherwise those of a vector file are an error,
  /// those of a raster a warning.
  public var ignoresOtherClasses = false
  /// The day that the scene shows, `2021-06-14`; the one in its name without it.
  public var date: String?
  /// The reading of the scene, where it differs from that of the file's other scenes.
  public var reading: SceneReading?

  /// Creates the entry of a scene that is looked at without its labels.
  init(_ scene: SceneSource, before: SceneSource? = nil, reading: SceneReading? = nil) {
    (self.scene, self.before, self.reading) = (scene, before, reading)
  }

  /// The entry without its labels.
  var withoutLabels: SceneEntry { SceneEntry(scene, before: before, reading: reading) }

  /// The identities that tell the entry apart from other scenes and pairs.
  var identities: [SceneIdentity] { [before, scene].compactMap { $0?.identity } }
}

/// A pair of scenes, two dates of one place.
public struct ScenePair: Sendable, Hashable {
  /// The scene of the earlier date.
  public var before: SceneSource
  /// The scene of the later date.
  public var after: SceneSource
}

/// The scenes to learn from and to map.
public struct PipelineData: Sendable, Hashable {
  /// Labelled scenes of elsewhere, or of another sensor or season.
  public let source: [SceneEntry]
  /// Scenes of the place to map, with the few labels there are.
  public let target: [SceneEntry]
  /// Scenes with labels that nothing is trained on.
  public let test: [SceneEntry]
  /// Scenes without labels, to adapt to.
  public let unlabelled: [SceneEntry]
  /// The reading of each scene of these lists, for each time that it is listed.
  let readings: [SceneIdentity: [SceneReading?]]
  /// The scenes to map: a directory of scenes, or one scene.
  public var scenes: URL?
  /// Pairs of dates to compare.
  public var pairs: [ScenePair]
  /// The way in which pairs are found among ``scenes`` where the file names none.
  public var pairing: Pairing?
  /// Dates of one ground each, in their order, as ``Pairing/series`` finds them.
  public var series: [[SceneSource]] = []
  /// The places in the file of the parts of the entries of its lists (`source`, `pairs`), and of the path of
  /// `scenes`.
  var places: [String: [[String: Origin]]] = [:]

  /// A way to find pairs.
  public enum Pairing: String, CaseIterable, Sendable {
    /// Each scene is compared with the one before it that shows the same ground, by their dates.
    case byDate = "by-date"
    /// All scenes that show the same ground are compared together, in the order of their dates.
    case series
  }

  /// Whether there is anything to compare.
  var namesPairs: Bool { !pairs.isEmpty || pairing == .byDate }
}

/// A stage of a pipeline file, read.
public struct StageDeclaration: Sendable {
  /// The stage's name in the file (`fine-tune`).
  public var name: String
  /// The name, with `#2` behind it where the stage is the second of its name: unique in the file.
  public var label: String
  /// The stage with its settings.
  package var stage: any Stage
  /// The stage's settings in force, without paths.
  public var settings: JSONValue
  /// The place where the file names the stage.
  let origin: Origin
  /// Whether all settings of the stage were right.
  let isSound: Bool
}
