import Foundation
import Host
import Rasters
import Runs
import Scenes
import Settings

/// An entry of one of the lists of `data`, with the places of its parts.
package struct PlacedEntry {
  var scene: SceneEntry
  /// The entry with the scenes that stages make of its own; nil where they make none.
  var made: SceneEntry?
  let places: [String: Origin]
}

extension DataCheck {
  /// The lists of `data` whose scenes are opened.
  static let lists = ["source", "target", "test", "unlabelled"]

  /// Returns the entries of a list, those that jobs read where it is said which; without labels where no
  /// job reads them.
  ///
  /// - Parameter made: what stages make of scenes.
  package func entries(of list: String, made: SceneSupply? = nil, readAs read: [ReadScene]? = nil)
    -> [PlacedEntry]
  {
    let entries = Self.entries(of: list, in: file.data)
    let madeEntries = made.map { Self.entries(of: list, in: $0.file.data) }
    let places = file.data.places[list] ?? []
    let readings = read.map { Dictionary(grouping: $0, by: \.paths) }
    return entries.enumerated().compactMap { index, entry in
      let own = places.indices.contains(index) ? places[index] : [:]
      let made = madeEntries.flatMap { $0[index].scene == entry.scene ? nil : $0[index] }
      guard let readings else { return PlacedEntry(scene: entry, made: made, places: own) }
      guard let same = readings[entry.identities.map(\.description)] else { return nil }
      let readsLabels = same.contains { $0.labels == entry.labels }
      return PlacedEntry(scene: readsLabels ? entry : entry.withoutLabels, made: made, places: own)
    }
  }

  private static func entries(of list: String, in data: PipelineData) -> [SceneEntry] {
    switch list {
    case "source": data.source
    case "target": data.target
    case "test": data.test
    default: data.unlabelled
    }
  }

  /// Opens the scenes of entries as they will be read, and lays their labels on them; of very many images
  /// evenly spread ones.
  func checkEntries(_ all: [PlacedEntry], _ findings: inout Findings) {
    let (opening, agreement) = (SceneOpening(file), SensorAgreement(file))
    let images = EvenSample(all.filter { $0.scene.shownClasses != nil }, most: Self.mostScenes).elements
    let entries = all.filter { $0.scene.shownClasses == nil } + images
    var labels = 0
    var origins = LabelOrigins(of: file)
    for entry in entries where isThere(entry.scene.scene) && entry.scene.before.map(isThere) ?? true {
      var grid: Grid?
      do {
        if let made = entry.made {
          findings.remarks += try checkSources(of: [made.before, made.scene].compactMap(\.self))
          grid = try opening.layout(of: made).grid
        } else {
          let scene = try opening.scene(of: entry.scene)
          grid = scene.grid
          findings.remarks += agreement.byHeader(scene, of: entry.scene)
        }
      } catch {
        findings.mistakes.append(mistake(error, at: entry.place(ofScene: error)))
      }
      guard let path = entry.scene.labels, FileManager.default.fileExists(atPath: path.path) else { continue }
      labels += 1
      do {
        if let grid {
          let opened = try opening.labels(of: entry.scene, on: grid)
          if origins.areListed { try opened.map { origins.add(try $0.survey()) } }
        } else {
          try Labels.checkHeader(
            LabelSource(path: path.path, field: entry.scene.field, layer: entry.scene.layer))
        }
      } catch {
        findings.mistakes.append(mistake(error, at: entry.place(ofLabels: error)))
      }
    }
    if labels > 0 { findings.remarks += origins.sentences }
    guard !entries.isEmpty else { return }
    let looked =
      entries.count < all.count
      ? "\(entries.count) of \(all.count) scenes" : Self.count(entries.count, "scene")
    findings.looked.append(
      "the bands, types and grids of \(looked) in data"
        + (labels == 0 ? "" : " and \(Self.count(labels, "file")) of labels on them"))
  }

  /// Counts the images of each class in the lists that have any, and remarks which classes none shows.
  func countImages(_ findings: inout Findings) {
    for list in Self.lists {
      let images = entries(of: list).compactMap(\.scene.shownClasses)
      guard !images.isEmpty else { continue }
      let counts = images.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
      let names = file.classes.map(\.name)
      findings.looked.append(
        "\(Self.count(images.count, "image")) in data.\(list) ("
          + names.map { "\(counts[$0, default: 0]) of \($0)" }.joined(separator: ", ") + ")")
      let absent = names.filter { counts[$0] == nil }
      guard !absent.isEmpty else { continue }
      findings.remarks.append(
        "no image in data.\(list) shows \(absent.map { "'\($0)'" }.joined(separator: ", "))")
    }
  }

  /// Opens what is to be mapped, evenly spread scenes or pairs of very many.
  ///
  /// - Parameter areAll: whether there are no others, of which maps may be there already.
  func checkMapped(_ grounds: [MapSubject], areAll: Bool, _ findings: inout Findings) {
    let sample = EvenSample(grounds, most: Self.mostScenes)
    let count = sample.elements.count
    guard count > 0 else { return }
    let (opening, agreement) = (SceneOpening(file), SensorAgreement(file))
    var failures: [(ground: MapSubject, error: any Error)] = []
    var doubts: [String] = []
    for ground in sample.elements {
      do {
        doubts +=
          ground.scenes.contains { $0.origin != nil }
          ? try checkSources(of: ground.scenes)
          : agreement.byHeader(try opening.scene(of: ground.entry), of: ground.entry)
      } catch {
        failures.append((ground, error))
      }
    }
    let noun = file.comparison == nil ? "scene" : "pair"
    let looked = count < grounds.count ? "\(count) of \(grounds.count) \(noun)s" : Self.count(count, noun)
    findings.looked.append("the bands, types and grids of \(looked) to map")
    findings.remarks += sample.shortened(doubts, to: Self.mostRemarks)
    guard let first = failures.first else { return }
    let isNamed =
      grounds.count == 1
      && (file.comparison != nil && file.data.pairing == nil
        || file.data.scenes.map { SceneIdentity(path: $0.path) } == first.ground.entry.scene.identity)
    let lackAll = failures.count == count && failures.allSatisfy { Self.isOfFile($0.error) }
    if areAll && (isNamed || lackAll) {
      let all = count > 1 ? "none of the \(noun)s to map can be read as the file says, the first: " : ""
      findings.mistakes.append(mistake(first.error, at: place(of: first.ground, first.error), all))
    } else {
      findings.remarks += sample.shortened(
        failures.map { "\($0.ground.name) will not be mapped: " + mistake($0.error, at: nil).message },
        to: Self.mostRemarks)
    }
  }

  /// Opens the delivered scenes behind made ones.
  private func checkSources(of scenes: [SceneSource]) throws -> [String] {
    guard let making = firstMaking else { return [] }
    return try scenes.flatMap(\.delivered).flatMap { scene in
      if let refusal = scene.refusal { throw refusal }
      return try making.check(scene, in: file)
    }
  }

  /// Returns where the file writes what is to be mapped: the pair, or the path of all scenes.
  private func place(of ground: MapSubject, _ error: any Error) -> Origin? {
    let places = file.data.places
    let pair = file.data.pairs.firstIndex {
      [$0.before.identity, $0.after.identity] == ground.entry.identities
    }
    guard let pair, let own = places["pairs"], own.indices.contains(pair) else {
      return places["scenes"]?.first?["scenes"]
    }
    let isEarlier = (error as? RasterError)?.path == ground.scenes[0].path
    return own[pair][isEarlier ? "before" : "after"]
  }

  /// Returns whether a scene lacks what the file asks for, rather than being damaged.
  private static func isOfFile(_ error: any Error) -> Bool {
    switch (error as? RasterError)?.code {
    case .missingBand, .gridMismatch, .noCRS, .unsupported: true
    default: false
    }
  }

  /// The largest number of remarks of one kind.
  private static let mostRemarks = 10

  private func isThere(_ scene: SceneSource) -> Bool { FileManager.default.fileExists(atPath: scene.path) }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)" + (number == 1 ? "" : "s")
  }
}

extension PlacedEntry {
  /// Returns where the file writes the scene that an error is about.
  fileprivate func place(ofScene error: any Error) -> Origin? {
    let path = (error as? RasterError)?.path
    if let before = scene.before, path == before.path { return places["before"] }
    return places["scene"] ?? places["after"] ?? places["images"]
  }

  /// Returns where the file writes the labels that an error is about.
  fileprivate func place(ofLabels error: any Error) -> Origin? {
    let isOfField = (error as? RasterError)?.code == .badField
    return (isOfField ? places["field"] ?? places["layer"] : nil) ?? places["labels"]
  }
}
