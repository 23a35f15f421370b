extension PublishedCard {
  /// All published weights that terrane knows, family by family.
  public static let all: [PublishedCard] = [
    ssl4eoS12, featureGuided, decoupled, softContrast, ssl4eoLandsat, satlas, pictures, prithvi, terramind,
    olmoearth, dinov3, generatedKernels, maskedSpectral, fieldBoundaries, cloudMasks,
  ].flatMap { $0 }

  /// Returns the card of a name, whatever its case and with hyphens or underscores.
  public static func named(_ name: String) -> PublishedCard? {
    let wanted = normalised(name)
    return all.first { $0.name == wanted }
  }

  /// Returns the names most like one that does not exist, the likest first, for an error message.
  ///
  /// Likeness is the share of pairs of neighbouring letters that two names have in common (Dice's
  /// coefficient): names are long, and what is forgotten is a whole word of them more often than a letter.
  public static func names(like name: String, count: Int = 3) -> [String] {
    let wanted = pairs(normalised(name))
    let scored = all.map { card in (card.name, likeness(wanted, pairs(card.name))) }
    return scored.filter { $0.1 >= 0.4 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(count).map(\.0)
  }

  private static func normalised(_ name: String) -> String {
    String(name.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
  }

  private static func pairs(_ text: String) -> [String: Int] {
    zip(text, text.dropFirst()).reduce(into: [:]) { $0["\($1.0)\($1.1)", default: 0] += 1 }
  }

  private static func likeness(_ left: [String: Int], _ right: [String: Int]) -> Double {
    let common = left.reduce(0) { $0 + min($1.value, right[$1.key] ?? 0) }
    return Double(2 * common) / Double(max(1, left.values.reduce(0, +) + right.values.reduce(0, +)))
  }
}
