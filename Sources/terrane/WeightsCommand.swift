import ArgumentParser
import Checkpoints
import Pipelines
import Runs

/// `terrane weights` lists the published weights that terrane has cards of, and tells how they are fetched.
struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "List published weights that can start a network, and tell how to fetch them.",
    discussion: """
      The names are those of pretrain-load's published-card. Terrane fetches nothing itself: 'terrane weights fetch NAME' prints the \
      one command that does.
      """,
    subcommands: [List.self, Fetch.self], defaultSubcommand: List.self)

  /// `terrane weights list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the weights: network, sensor, bands, licence, place, and what they are good for.")

    @Argument(help: "Words that the lines must have; all weights without any.")
    var words: [String] = []

    func run() throws {
      try CommandExit.of {
        let rows = PublishedCard.all.map(Self.row).filter { row in
          words.allSatisfy { word in row.contains { $0.lowercased().contains(word.lowercased()) } }
        }
        guard !rows.isEmpty else { throw UnknownWeights(name: words.joined(separator: " ")) }
        let head = ["name", "network", "sensor", "bands", "licence", "from", "good for"]
        try CommandExit.show(
          ResultTable.aligned([head] + rows, textColumns: head.count).joined(separator: "\n") + "\n")
        return .success
      }
    }

    private static func row(_ card: PublishedCard) -> [String] {
      let bands = card.bands.map(\.name)
      let shown =
        bands.count <= 6
        ? bands.joined(separator: " ") : "\(bands.count): \(bands[0]) to \(bands[bands.count - 1])"
      return [
        card.name, card.architecture, card.sensor, shown, card.licence,
        card.place?.publisher ?? card.source, card.purpose,
      ]
    }
  }

  /// `terrane weights fetch`.
  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the command that fetches weights into the folder 'weights'.")

    @Argument(help: "The name of the weights.")
    var name: String

    func run() throws {
      try CommandExit.of {
        guard let card = PublishedCard.named(name) else { throw UnknownWeights(name: name) }
        guard let place = card.place else { throw UnknownPlace(name: card.name, source: card.source) }
        try CommandExit.show(place.command + "\n")
        CommandExit.say("terrane: the file is then \(place.path)")
        for warning in licenceWarnings(card) { CommandExit.say("terrane: warning: \(warning)") }
        return .success
      }
    }

    private func licenceWarnings(_ card: PublishedCard) -> [String] {
      guard let model = try? card.card(architecture: "", classes: []) else { return [] }
      return CardCheck(model).warnings
    }
  }
}
