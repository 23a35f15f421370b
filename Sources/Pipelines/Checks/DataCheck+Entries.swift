import Foundation
import Rasters

/// An entry of one of the lists of `data`, with the places of its parts.
struct PlacedEntry {
  var scene: LabelledScene
  let places: [String: Origin]
}

extension DataCheck {
  /// The lists of `data` whose scenes are opened.
  static let lists = ["source", "target", "test", "unlabelled"]

  /// The entries of a list, those that tasks read where it is said which; without labels where no task reads
  /// them.
  func entries(of list: String, readAs read: [LabelledScene]? = nil) -> [PlacedEntry] {
    let entries =
      switch list {
      case "source": file.data.source
      case "target": file.data.target
      case "test": file.data.test
      default: file.data.unlabelled
      }
    let places = file.data.places[list] ?? []
    return entries.enumerated().compactMap { index, entry in
      let own = places.indices.contains(index) ? places[index] : [:]
      guard let read else { return PlacedEntry(scene: entry, places: own) }
      let same = read.filter { $0.paths == entry.paths }
      guard !same.isEmpty else { return nil }
      let readsLabels = same.contains { $0.labels == entry.labels }
      return PlacedEntry(scene: readsLabels ? entry : entry.withoutLabels, places: own)
    }
  }

  /// Opens the scenes of entries as they will be read, and lays their labels on them.
  func checkEntries(_ entries: [PlacedEntry], _ findings: inout Findings) {
    let (opening, agreement) = (SceneOpening(file), SensorAgreement(file))
    var labels = 0
    for entry in entries where isThere(entry.scene.scene) && entry.scene.before.map(isThere) ?? true {
      var grid: Grid?
      do {
        let scene = try opening.scene(of: entry.scene)
        grid = scene.grid
        findings.remarks += agreement.byHeader(scene, of: entry.scene)
      } catch {
        findings.mistakes.append(mistake(error, at: entry.place(ofScene: error)))
      }
      guard let path = entry.scene.labels, isThere(path) else { continue }
      labels += 1
      do {
        if let grid {
          _ = try opening.labels(of: entry.scene, on: grid)
        } else {
          try Labels.checkHeader(
            LabelSource(path: path.path, field: entry.scene.field, layer: entry.scene.layer))
        }
      } catch {
        findings.mistakes.append(mistake(error, at: entry.place(ofLabels: error)))
      }
    }
    guard !entries.isEmpty else { return }
    findings.looked.append(
      "the bands, types and grids of \(Self.count(entries.count, "scene")) in data"
        + (labels == 0 ? "" : " and \(Self.count(labels, "file")) of labels on them"))
  }

  /// Opens scenes to map, evenly spread ones of very many.
  func checkScenes(_ scenes: [SceneInput], _ findings: inout Findings) {
    guard !scenes.isEmpty else { return }
    let count = min(scenes.count, Self.mostScenes)
    let (opening, agreement) = (SceneOpening(file), SensorAgreement(file))
    var failures: [(scene: SceneInput, error: any Error)] = []
    var doubts: [String] = []
    for index in 0..<count {
      let input = scenes[index * scenes.count / count]
      do {
        if let refusal = input.refusal { throw refusal }
        let entry = LabelledScene(input.path)
        doubts += agreement.byHeader(try opening.scene(of: entry), of: entry)
      } catch {
        failures.append((input, error))
      }
    }
    let looked = count < scenes.count ? "\(count) of \(scenes.count) scenes" : Self.count(count, "scene")
    findings.looked.append("the bands, types and grids of \(looked) to map")
    findings.remarks += Self.shortened(doubts)
    guard let first = failures.first else { return }
    let isNamed = scenes.count == 1 && file.data.scenes?.scenePath == first.scene.path.scenePath
    if isNamed || failures.count == count && failures.allSatisfy({ Self.isOfFile($0.error) }) {
      let all = count > 1 ? "none of the scenes to map can be read as the file says, the first: " : ""
      findings.mistakes.append(
        mistake(first.error, at: file.data.places["scenes"]?.first?["scenes"], all))
    } else {
      findings.remarks += Self.shortened(
        failures.map { "\($0.scene.name) will not be mapped: " + mistake($0.error, at: nil).message })
    }
  }

  /// Whether a scene lacks what the file asks for, rather than being damaged.
  private static func isOfFile(_ error: any Error) -> Bool {
    switch (error as? RasterError)?.code {
    case .missingBand, .gridMismatch, .noCRS, .unsupported: true
    default: false
    }
  }

  private func isThere(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)" + (number == 1 ? "" : "s")
  }

  private static func shortened(_ remarks: [String]) -> [String] {
    let most = 10
    guard remarks.count > most else { return remarks }
    return Array(remarks.prefix(most)) + ["\(remarks.count - most) more scenes are like that"]
  }
}

extension PlacedEntry {
  /// Where the file writes the scene that an error is about.
  fileprivate func place(ofScene error: any Error) -> Origin? {
    let path = (error as? RasterError)?.path
    if let before = scene.before, path == before.path { return places["before"] }
    return places["scene"] ?? places["after"]
  }

  /// Where the file writes what an error about labels is about.
  fileprivate func place(ofLabels error: any Error) -> Origin? {
    let isOfField = (error as? RasterError)?.code == .badField
    return (isOfField ? places["field"] ?? places["layer"] : nil) ?? places["labels"]
  }
}
