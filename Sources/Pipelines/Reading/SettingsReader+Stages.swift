import Checkpoints
import Classes
import Runs
import Settings

extension SettingsReader {
  /// Reads the list of stages: each a mapping of one key, the stage's name, with its settings behind it.
  ///
  /// - Parameter classes: the names of the file's.
  func stages(
    _ key: String, of registry: StageRegistry, classes: [String], _ doc: String
  ) -> [StageDeclaration] {
    describe(key, .list(.oneOf(registry.types.map(described))), isRequired: true, doc)
    guard let node = node(key) else {
      if !isDescribing { session.report(origin, "\(name) needs '\(key)': \(doc)") }
      return []
    }
    guard case .sequence(let items) = node.content, !items.isEmpty else {
      session.report(node.origin, "'\(key)' must be a list of stages, not \(node.kindName)")
      return []
    }
    var counts: [String: Int] = [:]
    var produced: [ArtifactKind] = []
    var declarations: [StageDeclaration] = []
    for item in items {
      guard let entry = onlyEntry(of: item), let type = known(entry, in: registry) else { continue }
      checkChain(type, entry, produced, registry)
      produced.append(type.produces)
      let mistakes = session.settingMistakes
      let reader = child(entry.value, named: type.name)
      let stage = type.init(
        reader,
        behind: ChainBefore(
          classes: classes,
          publishedClasses: declarations.map(\.stage).networks.last?.publishedClasses.map(\.landClass.name)
            ?? [], hasNetwork: !declarations.map(\.stage).networks.isEmpty))
      reader.finish()
      counts[type.name, default: 0] += 1
      let occurrence = counts[type.name, default: 1]
      declarations.append(
        StageDeclaration(
          name: type.name, label: occurrence == 1 ? type.name : "\(type.name)#\(occurrence)", stage: stage,
          settings: reader.canonical, origin: entry.keyOrigin,
          isSound: session.settingMistakes == mistakes))
    }
    count(key, as: .array(declarations.map { .object([$0.name: $0.settings]) }))
    return declarations
  }

  /// Declares a mapping whose keys the file chooses; it is read earlier by the substitution, and named here
  /// so that it is known.
  func variables(_ key: String, _ doc: String) {
    describe(key, .dictionary(.string(pattern: nil, example: nil)), isRequired: false, doc)
    if let node = node(key) {
      guard case .mapping = node.content else {
        session.report(node.origin, "'\(key)' must be a mapping, not \(node.kindName)")
        return
      }
    }
  }

  private func described(_ type: any Stage.Type) -> SettingDescription {
    let describing = SettingsReader(
      nil, name: type.name, origin: nil,
      session: ReadingSession(file: session.file, directory: session.directory, isDescribing: true))
    _ = type.init(describing)
    return SettingDescription(
      key: type.name, kind: .mapping(describing.settings), isRequired: false, defaultValue: nil, doc: type.doc
    )
  }

  /// Returns the stage's name and settings; a bare name (`- evaluate`) is a stage with its defaults.
  private func onlyEntry(of item: SettingNode) -> SettingNode.Entry? {
    switch item.content {
    case .scalar(let text, _) where !item.isNull:
      let nothing = SettingNode(content: .mapping([]), origin: item.origin)
      return SettingNode.Entry(key: text, keyOrigin: item.origin, value: nothing)
    case .mapping(let entries) where entries.count == 1: return entries[0]
    default:
      session.report(
        item.origin, "a stage is a mapping of one key, '- name: {settings}', not \(item.kindName)")
      return nil
    }
  }

  private func known(_ entry: SettingNode.Entry, in registry: StageRegistry) -> (any Stage.Type)? {
    if let type = registry[entry.key] { return type }
    let names = registry.types.map { $0.name }
    let nearest =
      NearestKey.nearest(to: entry.key, in: names).map { NearestKey.question(meaning: $0) }
      ?? " (known: \(names.joined(separator: ", ")))"
    session.report(entry.keyOrigin, "unknown stage '\(entry.key)'\(nearest)")
    return nil
  }

  private func checkChain(
    _ type: any Stage.Type, _ entry: SettingNode.Entry, _ produced: [ArtifactKind], _ registry: StageRegistry
  ) {
    guard !type.consumes.isEmpty, !type.consumes.contains(where: produced.contains) else { return }
    let wanted = type.consumes.map(\.title).joined(separator: " or ")
    let producers = registry.producers(of: type.consumes).filter { $0 != type.name }
    let advice = producers.isEmpty ? "" : ": put \(producers.joined(separator: " or ")) before it"
    session.report(entry.keyOrigin, "\(type.name) needs \(wanted)\(advice)")
  }
}
