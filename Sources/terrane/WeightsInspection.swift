import Checkpoints
import Classes
import Foundation
import Host
import Models
import Tensors

/// Describes weights for `terrane inspect`: format, architecture with the evidence, card, tensors.
struct WeightsInspection: FileInspection {
  let subject = "weights"

  private static let suffixes: Set<String> = ["safetensors", "pth", "pt", "ckpt", "bin", "onnx"]

  func report(on url: URL) throws -> String? {
    let isWeights =
      Self.suffixes.contains(url.pathExtension.lowercased())
      || url.lastPathComponent.lowercased().hasSuffix(".index.json")
    guard isWeights else { return nil }
    let stored = try WeightsFile(contentsOf: url.path)
    // What cannot be found in a graph is not recognised; the notes say what it is.
    let file = (try? Recognition.unfolded(stored)) ?? stored
    let members = try ModelCard(in: file)?.members ?? 1
    // The members of an ensemble are alike.
    let candidates = Recognition.candidates(for: try Ensemble.members(members, of: file)[0])
    let lines =
      contents(of: file) + (members > 1 ? ["ensemble: \(members) networks, each:"] : [])
      + recognition(candidates) + (try card(of: file, candidates)) + tensors(of: file)
    return ([url.path.visibleLine] + lines.map { "  " + $0.visibleLine }).joined(separator: "\n")
  }

  private func contents(of file: WeightsFile) -> [String] {
    let types = Dictionary(grouping: file.entries, by: \.type).sorted { $0.key < $1.key }
      .map { "\($0.key) in \($0.value.count)" }
    let numbers = file.entries.reduce(0) { $0 + $1.shape.count }
    return ["format: \(file.format)", "entries: \(file.entries.count)"]
      + ["numbers: \(numbers) (\(types.joined(separator: ", ")))"] + file.notes.map { "note: \($0)" }
  }

  private func recognition(_ candidates: [Recognition]) -> [String] {
    guard let best = candidates.first else {
      return ["architecture: none of those that terrane knows"]
    }
    var lines = ["architecture: \(best.summary)"]
    let equals = candidates.dropFirst().filter { $0.agreement == best.agreement }
      .map { "\($0.network.description) (\($0.options.scheme.rawValue))" }
    if !equals.isEmpty { lines.append("fits as well: \(equals.joined(separator: ", "))") }
    lines += named("missing", best.missing) + named("left over", best.leftOver)
    lines += named("beside the network", best.outside)
    lines += named(
      "of another shape", best.misshapen.map { "\($0.name) \($0.found), the network wants \($0.wanted)" })
    let maps = best.network.encoder == nil ? best.network.description(best.options).maps : []
    if !maps.isEmpty {
      let texts = maps.map { "\($0.name) (\($0.channels) channels at 1/\($0.stride))" }
      lines.append("maps: \(texts.joined(separator: ", "))")
    }
    return lines
  }

  private func named(_ title: String, _ names: [String]) -> [String] {
    guard !names.isEmpty else { return [] }
    let more = names.count > 5 ? ", and \(names.count - 5) more" : ""
    return ["\(title): \(names.prefix(5).joined(separator: ", "))\(more)"]
  }

  private func card(of file: WeightsFile, _ candidates: [Recognition]) throws -> [String] {
    guard let card = try ModelCard(in: file) else {
      let likely = PublishedCard.likely(for: candidates)
      guard !likely.isEmpty else { return ["no model card"] }
      return ["no model card; by its shapes it could be:"]
        + likely.map { "  \($0.name) (\($0.licence))\($0.keys.description)" }
    }
    let bands = card.bands.map { band in
      let clip = band.clip.map { ", clipped to \($0.low) ... \($0.high)" } ?? ""
      return "  band \(band.name): mean \(band.mean), deviation \(band.deviation)\(clip)"
        + (band.unit.map { " (\($0))" } ?? "")
    }
    let classes = card.classes.map { "\($0.value) \($0.name)" }.joined(separator: ", ")
    return ["card: \(card.architecture) with \(card.encoder), for \(card.sensor)"] + bands + [
      "  classes: \(classes)\(card.hasTrainedHead ? "" : " (the head is not trained)")",
      "  history: \(card.history.map(\.description).joined(separator: ", "))",
    ]
      + (card.radiometry.isEmpty
        ? [] : ["  scenes are adjusted: \(card.radiometry.map(\.methodName).joined(separator: ", "))"])
      + (card.licence.map { ["  licence: \($0)\(card.origin.map { " of \($0)" } ?? "")"] } ?? [])
      + CardCheck(card).warnings.map { "  warning: \($0)" }
  }

  private func tensors(of file: WeightsFile) -> [String] {
    ["tensors:"] + file.entries.map { "  \($0.name) \($0.shape) \($0.type)" }
  }
}

extension PublishedCard.Keys {
  /// The place of the tensors in the publisher's own file; empty where they are the file.
  fileprivate var description: String {
    let places =
      [entry.map { "in '\($0)'" }, prefix.isEmpty ? nil : "below '\(prefix)'"].compactMap { $0 }
      + (leftOut.isEmpty
        ? [] : ["without " + leftOut.map { "'\($0)'" }.joined(separator: ", ")])
    return places.isEmpty ? "" : ": in its own file " + places.joined(separator: " ")
  }
}

extension Recognition {
  /// The network that the file holds, and the evidence for it.
  var summary: String {
    let whole = fitting + missing.count + misshapen.count
    let head = options.classes.map { "\($0) classes" } ?? "no head"
    let place = prefix.isEmpty ? "" : " below '\(prefix)'"
    let bands = isOfAnyBands ? "any bands of known wavelengths" : "\(options.bands) bands"
    return
      "\(network.description) in \(options.scheme.rawValue)'s names\(place), \(bands), \(head): "
      + "\(fitting) of \(whole) tensors fit"
  }
}
