import ArgumentParser
import Foundation
import Host
import Pipelines
import Rasters
import Runs

/// `terrane inspect` shows what is in a raster, a vector file or a file of weights.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what is in a product, a raster, a vector file or a file of weights.")

  @Argument(help: "The file, the product, or a directory of products.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp("Look at a product's pixels at map coordinates.", valueName: "x,y"),
    transform: Self.position)
  var at: Position?

  @Flag(help: "Describe a product as JSON.")
  var json = false

  /// Map coordinates in a product's own reference system.
  struct Position {
    let x, y: Double
  }

  private static func position(_ text: String) throws -> Position {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == 2, let x = numbers[0], let y = numbers[1], x.isFinite, y.isFinite else {
      throw ValidationError("'\(text)' is no position such as 600000,5400000")
    }
    return Position(x: x, y: y)
  }

  func run() throws {
    try CommandExit.of {
      let url = URL(fileURLWithPath: file)
      guard FileManager.default.fileExists(atPath: url.path) else {
        throw InputFailure.missing(file)
      }
      try GDALLibrary.load()
      Confinement(
        reading: Confinement.places(of: url.path) + GDALLibrary.places,
        writing: [FileManager.default.temporaryDirectory.path]
      ).enforce()
      try CompositionRoot.prepare()
      let scenes = SceneInspection(position: at.map { ($0.x, $0.y) }, isJSON: json)
      guard at == nil && !json else {
        guard let report = try scenes.report(on: url) else {
          throw UnknownFileKind(
            path: file, known: [scenes.subject + ", which alone '--at' and '--json' show"])
        }
        try CommandExit.show(report + "\n")
        return .success
      }
      for inspection in CompositionRoot.inspections {
        if let report = try inspection.report(on: url) {
          try CommandExit.show(report.hasSuffix("\n") ? report : report + "\n")
          return .success
        }
      }
      throw UnknownFileKind(path: file, known: CompositionRoot.inspections.map(\.subject))
    }
  }
}
