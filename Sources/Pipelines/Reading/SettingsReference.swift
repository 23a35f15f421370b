import Settings

/// The reference of all settings as a page of Markdown, made from what the reading code says that it reads:
/// `docs/settings.md`.
///
/// A setting is listed once, where the page comes to it first; the places that take it as well name it.
/// Settings that several stages take have a section of their own before the stages.
public struct SettingsReference {
  private let stages: [SettingDescription]
  /// The settings that more than two stages take, in the order of the file: those of a training.
  private let shared: [SettingDescription]
  private var listed: Set<SettingDescription> = []

  /// Returns the page over the stages of a registry.
  public static func markdown(stages registry: StageRegistry) -> String {
    let settings = Pipeline.describe(stages: registry)
    var reference = SettingsReference(of: settings)
    return reference.page(of: settings)
  }

  private init(of settings: [SettingDescription]) {
    stages = settings.first { $0.key == "stages" }?.kind.nested ?? []
    var takers: [SettingDescription: Int] = [:]
    for stage in stages { for setting in Set(Self.taken(by: stage)) { takers[setting, default: 0] += 1 } }
    var seen: Set<SettingDescription> = []
    shared = stages.flatMap(Self.taken).filter { takers[$0, default: 0] > 2 && seen.insert($0).inserted }
  }

  /// Returns the settings of a stage, and of what its lists of mappings hold, such as `candidates`.
  private static func taken(by setting: SettingDescription) -> [SettingDescription] {
    setting.kind.nested.flatMap { own in
      if case .list = own.kind { [own] + taken(by: own) } else { [own] }
    }
  }

  /// The settings to look at first, by their place in a file, and why.
  package static let weightiest: [(place: String, why: String)] = [
    (
      "bands",
      "What the network sees. Weights are fitted to these bands; those that they do not know start at zero."
    ),
    (
      "pretrain-load.weights",
      "Where the network starts, and `encoder` with it: transfer is worth what these weights know of your scenes."
    ),
    (
      "domain-adaptation.method",
      "How the model is brought to the target without labels; no other one step changed scores as much in the demo."
    ),
    ("fine-tune.strategy", "Which parts learn from the labels, in which order."),
    ("fine-tune.learning-rate", "The rate at its height; a run says when it was too high."),
    (
      "fine-tune.encoder-rate",
      "How much of that rate the pretrained encoder gets: little protects it, 1 lets it learn."
    ),
    ("fine-tune.epochs", "With `batch` the number of steps; few chips need more passes or smaller batches."),
    ("fine-tune.class-weights", "Whether rare classes count for more than their pixels."),
    ("evaluate.split", "Which labels the scores are from: some of their own, or parts held out in turn."),
    (
      "inference.window",
      "The side of what the network sees at once in mapping; it may be halved where `memory` is too little."
    ),
  ]

  private static let introduction = """
    # Settings

    Every setting of a pipeline file. This page is written by `terrane schema --markdown`, from the same code that reads
    the file, and a test holds it against that code; edit the code, not the page. `terrane schema` writes the same for
    editors, as JSON Schema.

    Lengths are pixels (`64`), or metres with their unit (`30m`). `${vars.x}` and `${env:X:-default}` may stand for any
    value. Where the default is empty, the file does without the setting. `a.b` is the setting `b` in the mapping behind
    `a`, `a[].b` that of each mapping in a list.

    ## The ten to look at first

    | setting | why |
    |---|---|

    """
    + weightiest.map { "| `\($0.place)` | \($0.why) |\n" }.joined()

  // MARK: - The page

  private mutating func page(of settings: [SettingDescription]) -> String {
    let takers = stages.filter { !Set(Self.taken(by: $0)).isDisjoint(with: shared) }
    var text = Self.introduction + "\n## The file\n\n" + table(of: settings.filter { $0.key != "stages" })
    text += "\n## Settings of several stages\n\nTaken by "
    text += Self.sentence(takers.map { "[`\($0.key)`](#\($0.key))" }) + ".\n\n" + table(of: shared)
    for stage in stages { text += section(of: stage) }
    return text
  }

  private mutating func section(of stage: SettingDescription) -> String {
    let again = stage.kind.nested.filter(listed.contains)
    var text = "\n## \(stage.key)\n\n\(stage.doc.prefix(1).uppercased())\(stage.doc.dropFirst())."
    if !again.isEmpty { text += " Takes " + words(for: again) + " as well." }
    return text + "\n\n" + table(of: stage.kind.nested)
  }

  private mutating func table(of settings: [SettingDescription]) -> String {
    let rows = rows(of: settings, below: "").map { "| " + $0.joined(separator: " | ") + " |\n" }
    return "| setting | value | default | what it does |\n|---|---|---|---|\n" + rows.joined()
  }

  /// Returns the rows of those settings that are not listed yet, each followed by what a mapping behind it
  /// holds.
  private mutating func rows(of settings: [SettingDescription], below path: String) -> [[String]] {
    var rows: [[String]] = []
    for setting in settings where listed.insert(setting).inserted {
      let isList = if case .list = setting.kind { true } else { false }
      let again = setting.kind.nested.filter(listed.contains)
      let takes = again.isEmpty ? "" : "; \(isList ? "each" : "it") takes " + words(for: again)
      rows.append(
        [
          "`\(path)\(setting.key)`", Self.value(of: setting.kind), Self.defaultText(of: setting),
          setting.doc + takes,
        ].map { $0.replacing("|", with: "\\|") })
      rows += self.rows(of: setting.kind.nested, below: path + setting.key + (isList ? "[]." : "."))
    }
    return rows
  }

  /// Returns the names of settings that are listed elsewhere, or a link where those of several stages are
  /// among them.
  private func words(for settings: [SettingDescription]) -> String {
    let takesAll = Set(shared).isSubset(of: settings)
    let named = takesAll ? settings.filter { !shared.contains($0) } : settings
    let link = takesAll ? ["the [settings of several stages](#settings-of-several-stages)"] : []
    return Self.sentence(named.map { "`\($0.key)`" } + link)
  }

  private static func value(of kind: SettingDescription.Kind) -> String {
    switch kind {
    case .choice(let words) where words.count > 16: "one of \(words.count) words; `terrane schema` has them"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .boolean: "`true` or `false`"
    case .list(.mapping): "a list of mappings"
    case .list(let element): "a list, each " + value(of: element)
    default: kind.phrase
    }
  }

  private static func defaultText(of setting: SettingDescription) -> String {
    switch (setting.kind, setting.defaultValue) {
    case _ where setting.isRequired: "required"
    case (_, nil), (_, .null), (_, .array([])): ""
    case (.bytes, .int(let bytes)) where bytes.isMultiple(of: 1 << 30): "`\(bytes >> 30)GiB`"
    case (.duration, .number(let seconds)): "`\(Int(seconds))s`"
    case (_, .number(let value)) where value == value.rounded(): "`\(Int(value))`"
    case (_, .array(let items)): "`[\(items.map { $0.text ?? $0.canonical }.joined(separator: ", "))]`"
    case (_, let value?): "`\(value.text ?? value.canonical)`"
    }
  }

  private static func sentence(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
