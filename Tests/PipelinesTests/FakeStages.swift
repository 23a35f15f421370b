import Foundation
import Pipelines
import Runs
import Scenes
import Settings

/// Stages without pixels, for tests of the file, the plan and the runner. What they write depends on the
/// content of their inputs, and a scene's first word tells its task how to end.
enum FakeStages {
  static let registry = StageRegistry([Train.self, Map.self, Compare.self, Publish.self])

  enum Method: String, CaseIterable {
    case coral, adabn
  }

  /// One model from the labelled scenes.
  struct Train: Stage {
    static let name = "train"
    static let doc = "learns from labelled scenes"
    static let consumes: [ArtifactKind] = []
    static let produces = ArtifactKind.model

    let epochs: Int
    let rate: Double
    let method: Method
    let weights: URL?

    init(_ settings: SettingsReader) {
      epochs = settings.int("epochs", default: 30, in: 1...10_000, "passes over the chips")
      rate = settings.double("learning-rate", default: 1e-3, in: 0...1, "the step")
      method = settings.choice("method", default: .coral, "how domains are made alike")
      weights = settings.optionalPath("weights", "a file of weights")
    }

    func jobs(in planning: Planning) throws -> [Job] {
      var inputs: [String: Planning.Input] = [:]
      for (index, scene) in planning.file.data.source.enumerated() {
        inputs["source \(index)"] = .labelled(scene)
      }
      if let weights { inputs["weights"] = .path(weights) }
      let paths = planning.file.data.source.map(\.scene.path)
      let epochs = epochs
      return [
        planning.job("Train", subject: "model", in: .models, uses: .training, inputs: inputs) { context in
          let sources = try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }
          if sources.contains(where: { $0.hasPrefix("bad") }) {
            throw FakeFailure.badSource
          }
          try Data("\(epochs) \(sources)".utf8).write(to: context.directory.appendingPathComponent("model"))
          return JobResult(findings: [Finding(.epochs, epochs)])
        }
      ]
    }
  }

  /// One map a scene.
  struct Map: Stage {
    static let name = "map"
    static let doc = "maps each scene"
    static let consumes = [ArtifactKind.model]
    static let produces = ArtifactKind.maps

    let window: Int
    let overlap: Length
    let memory: Int

    init(_ settings: SettingsReader) {
      window = settings.int("window", default: 512, in: 16...8192, "the side of a window")
      overlap = settings.length("overlap", default: .pixels(64), "how far windows reach into each other")
      memory = settings.bytes("memory", default: 2 << 30, "the most memory to use")
      if case .pixels(let pixels) = overlap, pixels >= window {
        settings.problem("overlap", with: "window", "'overlap' must be below 'window' (\(window))")
      }
    }

    func jobs(in planning: Planning) throws -> [Job] {
      let model = planning.latestJobs(producing: .model)
      return planning.scenes.map { scene in
        planning.job(
          "Map \(scene.name)", subject: scene.name, in: .cache, uses: .bands,
          inputs: ["scene": .scene(scene)],
          after: model
        ) { context in
          try Self.map(scene, context)
        }
      }
    }

    static func map(_ scene: SceneSource, _ context: JobContext) throws -> JobResult {
      let file = URL(fileURLWithPath: scene.files[0])
      let content = try String(contentsOf: file, encoding: .utf8)
      context.progress.begin(3, unit: "windows")
      let target = context.directory.appendingPathComponent("scores")
      try Data("half".utf8).write(to: target)
      switch content.split(separator: " ").first {
      case "bad": throw FakeFailure.unreadableBlock(scene.path)
      case "odd": throw CancellationError()
      case "die": kill(getpid(), SIGKILL)
      case "hang": while true { try context.checkCancellation() }
      case "swap": try Data("other".utf8).write(to: file)
      case "mask": try Data("mask".utf8).write(to: URL(fileURLWithPath: scene.path + ".msk"))
      case "went": try FileManager.default.removeItem(at: file)
      case "none":
        try FileManager.default.removeItem(at: target)
        return JobResult()
      case "stop": context.cancellation.cancel(signal: SIGTERM)
      default: break
      }
      let model = try Data(contentsOf: context.file(named: "model", of: context.inputs[0]))
      try (Data("map of \(content) by ".utf8) + model).write(to: target)
      context.progress.advance(by: 3)
      return JobResult(
        findings: [Finding(.bytes, content.utf8.count)], warnings: content.isEmpty ? ["empty"] : [])
    }
  }

  /// One comparison a pair.
  struct Compare: Stage {
    static let name = "compare"
    static let doc = "compares two dates"
    static let consumes = [ArtifactKind.maps]
    static let produces = ArtifactKind.changes

    init(_ settings: SettingsReader) {}

    func jobs(in planning: Planning) throws -> [Job] {
      let maps = planning.latestJobs(producing: .maps)
      return planning.file.data.pairs.map { pair in
        let sides = [pair.before, pair.after].compactMap { side in
          planning.scenes.first { $0.identity == side.identity }
            .flatMap { scene in maps.first { $0.subject == scene.name } }
        }
        return planning.job(
          "Compare", subject: sides.map(\.subject).joined(separator: "--"), in: .cache, uses: .classes,
          after: sides
        ) {
          context in
          let texts = try context.inputs.map {
            try String(contentsOf: context.file(named: "scores", of: $0), encoding: .utf8)
          }
          try Data(texts.joined(separator: " -> ").utf8)
            .write(to: context.directory.appendingPathComponent("change"))
          return JobResult()
        }
      }
    }
  }

  /// One product for each map.
  struct Publish: Stage {
    static let name = "publish"
    static let doc = "writes products"
    static let consumes = [ArtifactKind.maps, .changes]
    static let produces = ArtifactKind.products

    let style: Bool

    init(_ settings: SettingsReader) {
      style = settings.bool("style", default: false, "write a style beside the map")
    }

    func jobs(in planning: Planning) throws -> [Job] {
      let style = style
      return planning.latestJobs(producing: .maps).map { upstream in
        planning.job(
          "Publish \(upstream.subject)", subject: upstream.subject, in: .products, uses: [.classes, .colors],
          after: [upstream]
        ) { context in
          let scores = try Data(contentsOf: context.file(named: "scores", of: context.inputs[0]))
          try scores.write(to: context.directory.appendingPathComponent("map.tif"))
          if style { try Data("style".utf8).write(to: context.directory.appendingPathComponent("map.qml")) }
          return JobResult()
        }
      }
    }
  }
}

extension FindingKey {
  static let epochs = FindingKey("epochs", "passes over the chips")
  static let bytes = FindingKey("bytes", "size of the scene")
}
