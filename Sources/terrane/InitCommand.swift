import ArgumentParser
import Drafting
import Foundation
import Host
import Pipelines
import Runs

/// `terrane init` prints a commented starter file, or one that is made from a scene and its labels.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Print a pipeline file to start from, made from a scene and labels where given.",
    discussion: """
      With --scene and --labels the file is whole: sensor, bands, field, classes and colours are read from the files, \
      training fits the number of labels, and no weights are needed. What was guessed is said in its comments.

        terrane init --scene scene.tif --labels polygons.gpkg > map.yaml
        terrane run map.yaml

      Exit codes: 0 printed, 64 a field is to be named, 65 no classes or no label on the scene, 66 no such file, 73 or \
      74 not written.
      """)

  @Option(help: "What the pipeline is for, without --scene.")
  var task: StarterTask?

  @Option(
    help: "The scene: a raster, a product's folder, an archive, or a directory of bands or of scenes.",
    completion: .file())
  var scene: String?

  @Option(help: "Labels on the scene: a raster of class values, or a vector file.", completion: .file())
  var labels: String?

  @Option(help: "The field of the vector file that holds the class, where it cannot be guessed.")
  var field: String?

  @Option(help: "Write to this file, which must not exist, instead of stdout.", completion: .file())
  var output: String?

  func validate() throws {
    guard (scene == nil) == (labels == nil) else {
      throw ValidationError("--scene and --labels go together: a map is learned from labels on a scene")
    }
    if scene == nil && field != nil { throw ValidationError("--field goes with --labels") }
    if scene != nil && task != nil {
      throw ValidationError("--task is of the starter file; with --scene the pipeline maps land cover")
    }
    for (name, path) in [("--scene", scene), ("--labels", labels)] where path?.isEmpty == true {
      throw ValidationError("\(name) is an empty path")
    }
  }

  func run() throws {
    try CommandExit.of {
      let text = try text()
      guard let output else {
        try CommandExit.show(text)
        return .success
      }
      do throws(SystemError) {
        try RegularFile.write(Data(text.utf8), to: output, isNew: true)
      } catch {
        throw error.number == EEXIST
          ? StarterFileFailure.exists(output) : .notCreated(output, error)
      }
      return .success
    }
  }

  private func text() throws -> String {
    guard let scene, let labels else { return StarterFile.text(for: task ?? .landCover) }
    try CompositionRoot.prepare()
    return try PipelineDraft(scene: scene, labels: labels, field: field, in: directory).text
  }

  /// The directory in which the file will lie: paths in it start there. A shell that writes stdout to a file
  /// has opened that before.
  private var directory: URL {
    let file = output ?? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/1"))
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    guard let file else { return here }
    let url = URL(fileURLWithPath: file)
    var isDirectory: ObjCBool = false
    let isFile =
      output != nil
      || FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && !isDirectory.boolValue
        && !url.path.hasPrefix("/dev/")
    return isFile ? url.deletingLastPathComponent() : here
  }
}

/// The purpose of a pipeline.
enum StarterTask: String, CaseIterable, ExpressibleByArgument {
  case landCover = "land-cover"
  case change
}
