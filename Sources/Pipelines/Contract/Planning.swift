import Foundation
import Host
import Rasters
import Runs
import Scenes
import Settings

/// The view that a stage has of a run while it says which jobs it has: the file, the scenes, and the jobs
/// of earlier stages.
public struct Planning: Sendable {
  /// The scenes that the stage reads.
  package let supply: SceneSupply
  /// The pipeline file that is planned.
  public var file: PipelineFile { supply.file }
  /// The scenes to map, those of pairs included, by name.
  public var scenes: [SceneSource] { supply.scenes }
  /// The stage whose jobs are being planned.
  public internal(set) var stage: StageDeclaration
  /// The stages before the one whose jobs are being planned, in order.
  public internal(set) var earlierStages: [StageDeclaration] = []
  /// The stages after the one whose jobs are being planned, in order.
  let laterStages: [StageDeclaration]
  /// The jobs of the stages before the one whose jobs are being planned, in order.
  public internal(set) var earlierJobs: [Job] = []
  let hashes: ContentHashes
  /// Turns an error of reading an input into a failure.
  let classify: @Sendable (any Error) -> RunFailure

  /// Returns all earlier jobs that produce `kind`, in order.
  public func jobs(producing kind: ArtifactKind) -> [Job] {
    earlierJobs.filter { $0.produces == kind }
  }

  /// Returns the jobs of the latest earlier stage that produces `kind`: one job for models, one a scene for
  /// maps.
  public func latestJobs(producing kind: ArtifactKind) -> [Job] {
    guard let last = earlierJobs.last(where: { $0.produces == kind }) else { return [] }
    return earlierJobs.filter { $0.stage == last.stage && $0.produces == kind }
  }

  /// The pairs to compare whose scenes are there tonight.
  package var pairs: [(before: SceneSource, after: SceneSource)] { file.data.pairs.among(scenes) }

  /// The series to compare whose scenes are all there tonight.
  var series: [[SceneSource]] { supply.series }

  /// Something that a job is made from.
  public enum Input: Sendable {
    /// A file or a directory.
    case path(URL)
    /// The files of a scene.
    case scene(SceneSource)
    /// A scene of the file's `data` with its labels, their field and their layer.
    case labelled(SceneEntry)
    /// Something that is known of the inputs besides their content.
    case text(String)
  }

  /// Makes a job of the stage at hand, with its key.
  ///
  /// - Parameters:
  ///   - title: what people read while it runs.
  ///   - subject: the scene, pair or model that it is about; a plain file name, unique within the stage.
  ///   - placement: where its files go.
  ///   - uses: the shared settings that its files depend on.
  ///   - inputs: the content that its files depend on, by the part it plays; unreadable content makes a job
  ///     that fails when its turn comes.
  ///   - dependencies: the jobs that it builds on; their keys become part of its own. Those that make the
  ///     scenes among `inputs` are added behind them.
  ///   - kind: what it produces; what its stage does without it.
  ///   - action: the work.
  public func job(
    _ title: String, subject: String, in placement: Placement, uses: SharedSettings,
    inputs: [String: Input] = [:], after dependencies: [Job] = [],
    producing kind: ArtifactKind? = nil,
    action: @escaping @Sendable (JobContext) throws -> JobResult
  ) -> Job {
    var refusal: RunFailure?
    var contents: [String: String] = [:]
    var watch = InputWatch()
    for (part, input) in inputs.sorted(by: { $0.key < $1.key }) {
      do {
        contents[part] = try contentHash(of: input, watched: &watch)
      } catch is RunCancelled {
        refusal = .unread
        contents[part] = "unread"
      } catch {
        refusal = refusal ?? RunFailure(of: error, otherwise: classify)
        contents[part] = "unreadable"
      }
    }
    let components = KeyComponents(
      stage: stage.name, revision: type(of: stage.stage).revision,
      subject: placement == .models ? subject : nil, settings: stage.settings,
      shared: file.shared(uses), inputs: contents, upstream: dependencies.map { "\($0.stage) \($0.key)" })
    let makers = makers(of: Array(inputs.values)).filter { maker in
      !dependencies.contains { $0.id == maker.id }
    }
    var job = Job(
      id: "\(stage.label):\(subject)", stage: stage.label, subject: subject, title: title,
      produces: kind ?? type(of: stage.stage).produces, placement: placement, components: components,
      key: components.key, dependencies: (dependencies + makers).map(\.id), refusal: refusal, watch: watch,
      action: action)
    job.megapixels = Self.megapixels(of: Array(inputs.values), after: dependencies)
    job.reads = inputs.values.compactMap { input in
      guard case .labelled(let entry) = input else { return nil }
      return ReadScene(
        paths: entry.identities.map { supply.written($0).description }, labels: entry.labels)
    }
    return job
  }

  /// Returns what tells the size of the scenes among inputs, or where there are none of those that jobs
  /// before it are about; nil where it is about none.
  private static func megapixels(of inputs: [Input], after dependencies: [Job])
    -> (@Sendable () throws -> Double)?
  {
    let scenes = inputs.compactMap { input in if case .scene(let scene) = input { scene } else { nil } }
    if !scenes.isEmpty {
      return { scenes.reduce(0) { $0 + Double($1.grid?.bounds.pixelCount ?? 0) / 1e6 } }
    }
    let earlier = dependencies.compactMap(\.megapixels)
    if earlier.isEmpty { return nil }
    return { try earlier.reduce(0) { $0 + (try $1()) } }
  }

  /// Returns the jobs that make the scenes among inputs, each once, in the order of their ids.
  private func makers(of inputs: [Input]) -> [Job] {
    var makers: [String: Job] = [:]
    for input in inputs {
      let scenes: [SceneIdentity] =
        switch input {
        case .scene(let scene): [scene.identity]
        case .labelled(let entry): entry.identities
        case .path, .text: []
        }
      for maker in scenes.compactMap({ supply.makers[$0] }) { makers[maker.id] = maker }
    }
    return makers.values.sorted { $0.id < $1.id }
  }

  /// Returns the SHA-256 of a scene's content as it is now; nil where it cannot be read.
  func content(of scene: SceneSource) -> String? {
    var watch = InputWatch()
    return try? hash(of: scene, watched: &watch)
  }

  private func contentHash(of input: Input, watched watch: inout InputWatch) throws -> String {
    switch input {
    case .path(let url):
      let digest = try hash(watched: &watch, of: url) { try Self.files(behind: url) }
      try StoredModel.check(url, digest: digest)
      return digest
    case .text(let text): return SHA256.hexadecimal(of: text)
    case .scene(let scene):
      let digest = try hash(of: scene, watched: &watch)
      guard let reading = file.data.chosenReadings[scene.identity] else { return digest }
      return SHA256.hexadecimal(of: "\(digest) \(reading.canonical.canonical)")
    case .labelled(let labelled):
      let scene = try hash(of: labelled.scene, watched: &watch)
      let labels = try labelled.labels.map { labels in
        try hash(watched: &watch, of: labels) { try Self.files(behind: labels) }
      }
      let before = try labelled.before.map { try hash(of: $0, watched: &watch) }
      var parts: [JSONValue] = [
        .string(scene), labels.map(JSONValue.string) ?? .null, labelled.field.map(JSONValue.string) ?? .null,
        labelled.layer.map(JSONValue.string) ?? .null,
      ]
      // A setting that nobody wrote changes no key.
      if let date = labelled.date { parts.append(.string(date)) }
      if labels != nil, file.listedLabels.contains(where: { !$0.isEmpty }) {
        let listed = file.listedLabels.map { JSONValue.array($0.map(JSONValue.string)) }
        parts += ["labels-of-classes", .array(listed)]
      }
      if let before { parts += ["before", .string(before)] }
      if labelled.ignoresOtherClasses { parts += ["other-classes", "ignore"] }
      if let shown = labelled.shownClasses { parts += ["shows", .array(shown.map(JSONValue.string))] }
      return SHA256.hexadecimal(of: JSONValue.array(parts).canonical)
    }
  }

  private func hash(of scene: SceneSource, watched watch: inout InputWatch) throws -> String {
    if let refusal = scene.refusal { throw refusal }
    // The file is still to be made: its content follows from what it is made of.
    if let maker = supply.makers[scene.identity] { return maker.key }
    let (files, place) = (try Self.urls(scene.contentFiles), URL(fileURLWithPath: scene.path))
    let content: HashedContent
    if let archive = scene.archive {
      content = try hashes.content(of: files, relativeTo: archive.directory, in: place, read: archive.read)
      watch.add(content) { [place] }
    } else {
      content = try hashes.content(of: files, relativeTo: place)
      // The list of files is made anew once they have been read.
      watch.add(content) { try Self.urls(scene.foundAnew().contentFiles) }
    }
    // The content of a scene whose name says what its numbers are is that of another under another name.
    var parts = [content.digest, scene.namedBackscatter?.rawValue].compactMap(\.self)
    parts += try maskParts(of: scene, watched: &watch)
    return parts.count == 1 ? parts[0] : SHA256.hexadecimal(of: parts.joined(separator: " "))
  }

  /// Returns what the pixels that are left out of a scene depend on: nothing where it has no mask, and is no
  /// product whose own numbers say what is no measurement.
  private func maskParts(of scene: SceneSource, watched watch: inout InputWatch) throws -> [String] {
    var parts = scene.metadata == nil && scene.masks.isEmpty ? [] : ["product"]
    let own: String?
    switch file.masking.origin {
    case .product, .none: own = nil
    case .map(let path, _): own = path
    case .suffix(let suffix, _): own = try scene.ownMask(suffix: suffix)
    }
    if !scene.masks.isEmpty || own != nil { parts.append(file.masking.canonical.canonical) }
    if let own {
      let url = URL(fileURLWithPath: own)
      parts.append(try hash(watched: &watch, of: url) { [url] })
    }
    return parts
  }

  private func hash(
    watched watch: inout InputWatch, of url: URL, listing files: @escaping @Sendable () throws -> [URL]
  ) throws -> String {
    let content = try hashes.content(of: files(), relativeTo: url)
    watch.add(content, listing: files)
    return content.digest
  }

  private static func urls(_ paths: [String]) -> [URL] { paths.map { URL(fileURLWithPath: $0) } }

  /// Returns a file, or all files below a directory, with what belongs to each.
  private static func files(behind url: URL) throws -> [URL] {
    try ContentHashes.files(at: url) {
      try urls(Array(InputFiles.behind($0.path).dropFirst()))
    }
  }
}

extension PipelineFile {
  /// Returns the shared settings in `selection` as they count in keys.
  func shared(_ selection: SharedSettings) -> JSONValue {
    var members: [String: JSONValue] = [:]
    if selection.contains(.bands) {
      members["sensor"] = .string(sensor)
      members["bands"] = .array(bands.map(JSONValue.string))
      members["band-order"] = bandOrder.map { .array($0.map(JSONValue.string)) } ?? .null
      members["allow-vrt"] = .bool(allowVRT)
      // Keys that nobody wrote change no key of a job.
      members["numbers"] = numbers?.canonical
      members["resolution"] = resolution.map(JSONValue.number)
      let readings = (data.source + data.target + data.test + data.unlabelled).map(\.reading)
      if readings.contains(where: { $0 != nil }) {
        members["readings"] = .array(readings.map { $0?.canonical ?? .null })
      }
    }
    if selection.contains(.classes) {
      members["classes"] = .array(classes.map { [.int(Int($0.value)), .string($0.name)] })
    }
    if selection.contains(.colors) { members["colors"] = .array(writtenColors.map(JSONValue.string)) }
    if selection.contains(.chips) { members["chips"] = [.int(chips.size), .int(chips.stride)] }
    if selection.contains(.seed) { members["seed"] = .string(String(seed)) }
    if selection.contains(.name) { members["name"] = .string(name) }
    return .object(members)
  }
}
