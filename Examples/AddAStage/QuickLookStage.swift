import Foundation
import Host
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Settings

/// A stage of a pipeline, complete: it draws each scene small, and writes down what the scene's bands hold.
///
/// This is how a stage is added. A stage is a value that reads its settings, says what of a pipeline file
/// makes it impossible, and plans jobs; the work is the jobs' actions. Whatever else a user sees of a stage
/// follows from that: the schema, "did you mean", what `validate` says, keys, resuming, the table at the end
/// of a run.
///
/// A stage of terrane itself lies in `Sources/Pipelines/Stages`, is `internal`, and stands in
/// `StandardStages.swift`. This one has a registry of its own, at the end of this file.
package struct QuickLookStage: Stage {
  /// What pipeline files call the stage: `- quick-look: {side: 256}`.
  package static let name = "quick-look"
  /// Schemas and starter files say this of it.
  package static let doc = "draw each scene small and write down what its bands hold"
  /// It needs nothing that an earlier stage leaves, so it may stand first. A stage that reads maps has
  /// `[.maps]` here, and a file without `inference` before it is then refused with "put inference before it".
  package static let consumes: [ArtifactKind] = []
  /// A kind of its own: what takes class maps will not mistake these for some.
  package static let produces = ArtifactKind.quickLooks
  /// Said because the kind is new: the scenes of `data.scenes` are looked for.
  package static let seesEachScene = true
  /// Grows by one where the same settings and inputs give other bytes than before, with a comment that says
  /// what changed. It is part of every key, so what the older way made is then made anew. Here the first way
  /// counts, and the line could be left out.
  package static let revision = 1

  private let side: Int
  private let wanted: [String]?

  /// Reads the settings: each with its key, its default, its limits, and one line for the schema.
  ///
  /// The reader records what is wrong with its place in the file, and goes on: a user sees all mistakes at
  /// once. So nothing is thrown here, and what is returned for a wrong value is a default that nobody will
  /// use.
  package init(_ settings: SettingsReader) {
    side = settings.int(
      "side", default: 512, in: 16...Preview.largestSide, "the longest side of a picture in pixels")
    wanted = settings.optionalStrings(
      "bands", "the bands shown as red, green and blue, or one in grey; the first bands without it")
    if let wanted, wanted.count != 1 && wanted.count != 3 {
      settings.problem("bands", "'bands' must name one band or three, not \(wanted.count)")
    }
  }

  /// What settings say only together with the rest of the file. No pixel is read for it, so that `validate`
  /// is quick.
  package func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems = (wanted ?? []).filter { !file.bands.contains($0) }.map {
      "'\($0)' is none of the pipeline's bands: \(file.bands.joined(separator: ", "))"
    }
    if earlier.contains(where: { $0.name == Self.name }) {
      problems.append("its files would take the place of those of the \(Self.name) before it")
    }
    return problems
  }

  /// Plans one job a scene: a scene that cannot be read then fails alone, and a new one costs its own job
  /// only.
  package func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    return planning.scenes.map { scene in
      planning.job(
        "draw \(scene.name)",
        // With the stage's name it makes the job's id, `quick-look:S2_2024`, and it is the folder's name.
        subject: scene.name,
        // `reports/<scene>/`. What only later stages read goes to `.cache`, what is delivered to `.products`.
        in: .reports,
        // The key is a hash of all that decides the bytes of the job's files, and of nothing else. It has
        // this stage's settings and revision anyway. `uses` adds settings that stages share: which bands are
        // read, and how, is `.bands`. Classes, colours and the seed change nothing here; if they were named,
        // another colour would have all scenes drawn anew.
        uses: .bands,
        // The content of the scene, not its path: a scene that moves keeps its key, one that is delivered
        // again under the same name gets another. A scene that cannot be read makes a job that fails when
        // its turn comes.
        inputs: ["scene": .scene(scene)]
        // A stage that builds on others says `after: planning.latestJobs(producing: .maps)` besides: their
        // keys become part of its own, and it finds what they left by `context.artifact(of:)`.
      ) { context in
        try draw(scene, of: file, context)
      }
    }
  }

  /// Does the work of one job.
  private func draw(_ source: SceneSource, of file: PipelineFile, _ context: JobContext) throws
    -> JobResult
  {
    let names = wanted ?? Array(file.bands.prefix(file.bands.count < 3 ? 1 : 3))
    // What cannot be opened or read is a `RasterError`, which names the file by itself.
    let scene = try SceneOpening(file).scene(source)
    var look = QuickLook(
      of: scene.grid, bandCount: scene.bandCount,
      drawing: names.compactMap { file.bands.firstIndex(of: $0) }, side: side)
    // A scene may be larger than the memory: it is read in strips.
    let strips = scene.grid.bounds.strips(ofHeight: 256)
    context.progress.begin(strips.count, unit: "strips")
    for strip in strips {
      // Ctrl-C and deadlines are heard here; what is half done leaves nothing behind.
      try context.checkCancellation()
      look.add(try scene.read(strip), from: strip)
      context.progress.advance()
    }
    guard look.validCount > 0 else {
      throw NothingToDraw(scene: source.path)
    }
    return try leave(look, of: scene, bands: file.bands, context)
  }

  /// Writes the files, and says what they hold.
  private func leave(_ look: QuickLook, of scene: Scene, bands: [String], _ context: JobContext) throws
    -> JobResult
  {
    // Files are written into the job's own directory, from where they are renamed to their final names once
    // this returns. No clock and no path belongs into them: the same scene is to give the same bytes.
    func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }
    let (picture, table) = ("quick-look.png", "bands.csv")
    try look.picture.write(to: path(picture))
    let rows = zip(bands, look.bands).map { name, band in
      [name, "\(band.smallest)", "\(band.mean)", "\(band.largest)"]
    }
    let lines = [["band", "smallest", "mean", "largest"]] + rows
    try RegularFile.write(
      Data(lines.map(CommaSeparatedValues.line).joined().utf8), to: path(table))

    // Later stages read the artifact, `artifact.json`, and ask for a layer by what it holds; they need not
    // know the names of files, nor which stage has written them.
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(scene.grid)
    artifact.layers = [
      Layer("quick-look", file: picture, .picture), Layer("bands", file: table, .table),
    ]
    // Findings are figures under stable keys, for `summary.json`; what people read is made of them.
    let columns: [FindingTable.Column] = [.init("band"), .init("smallest"), .init("mean"), .init("largest")]
    artifact.findings = [
      Finding(.seenPixels, look.validCount),
      Finding(
        .seenBands,
        .table(
          FindingTable(
            columns,
            zip(bands, look.bands).map { name, band in
              [
                .string(name), .number(Double(band.smallest)), .number(band.mean),
                .number(Double(band.largest)),
              ]
            }))),
    ]
    // What people should know although the job succeeded: they become warnings of the run.
    artifact.notes = scene.notes
    return try context.leave(artifact)
  }
}

extension ArtifactKind {
  /// Pictures and figures of scenes.
  package static let quickLooks = ArtifactKind(name: "quick-looks", title: "quick looks")
}

/// Keys are literals, so that a test can hold those of `Sources` against docs/findings.md.
extension FindingKey {
  /// Pixels of the scene that are valid.
  package static let seenPixels = FindingKey("seen-pixels", "valid pixels of the scene")
  /// A row a band: `band`, `smallest`, `mean`, `largest`, in the sensor's unit.
  package static let seenBands = FindingKey("seen-bands", "values of each band")
}

extension StageRegistry {
  /// terrane's stages and this one.
  package static let withQuickLook = StageRegistry(StageRegistry.standard.types + [QuickLookStage.self])
}
