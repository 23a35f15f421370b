import Checkpoints
import Chips
import Foundation
import Rasters
import Scenes
import Settings
import Slurm
import Tasks

/// The content of a pipeline file besides its stages: what to learn from, what to map, and the settings that
/// stages share.
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
  /// The file's statement about the stored numbers of all scenes of a sensor of bands of their own.
  public var numbers: WrittenNumbers?
  /// Metres of a pixel that all scenes are brought to; nil for their own.
  public var resolution: Double?
  /// The classes of the maps, two to ``largestClassCount``, values and names unique; empty only where no
  /// stage needs them. Where the file has none they are those that its published weights tell apart.
  public internal(set) var classes: [Legend.Entry]
  /// The values and names that labels have for each of ``classes``, where the file lists any; empty for a
  /// class that labels have by its own value or name.
  public internal(set) var listedLabels: [[String]]
  /// The colours of ``classes`` as the file writes them, in capitals or not; keys of jobs hold these texts.
  var writtenColors: [String]
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
  /// The choice of pixels that are left out of all scenes.
  public var masking: Masking
  /// The place in the file of what is hidden; nil where it is the default.
  let hidePlace: Origin?
  /// Seconds that a scene's files must have rested before the scene is worked on.
  public var settle: Double
  /// The resources that jobs ask of a Slurm cluster.
  public let slurm: SlurmSettings
  /// The way in which the network of the file's stages compares two dates; nil where it sees one, or there is
  /// none.
  var comparison: DateComparison?
  /// Whether maps keep the probabilities of all classes, which one of the file's stages publishes.
  var keepsProbabilities = false
  /// The store that holds the pixels of the regions that are learned from.
  let pixels: PixelStore
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
