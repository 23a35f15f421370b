import Foundation
import Host

/// A setting given on the command line, `--set fine-tune.epochs=3`: it replaces what the pipeline file says.
public struct SettingOverride: Sendable, Hashable {
  /// The argument as given, for messages.
  public var argument: String
  /// The keys on the way to the setting; the first is a top-level key or the name of a stage.
  public var path: [String]
  /// The value, as YAML or as it is.
  public var value: String
  /// Whether the value is a text as it stands, not YAML.
  public var isPlainText = false

  /// Reads `stage.key=value`; nil where that is not its form.
  public init?(parsing text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard !path.contains("") else { return nil }
    self.init(argument: "--set \(text)", path: path, value: String(text[text.index(after: equals)...]))
  }

  /// Creates a setting that another argument stands for (`--scenes DIR` is `data.scenes`): its value is the
  /// text itself, in which nothing is folded, cut off or filled in.
  public init(argument: String, path: [String], text: String) {
    (self.argument, self.path, value, isPlainText) = (argument, path, text, true)
  }

  private init(argument: String, path: [String], value: String) {
    (self.argument, self.path, self.value) = (argument, path, value)
  }

  /// Returns the value; nil, with a report, where it is none.
  ///
  /// A shell has taken quotes off already: what YAML would read differently from what was written (a line
  /// feed becomes a space, ` #` begins a comment, blanks at the ends go) is refused instead of guessed.
  private func node(at origin: Origin, session: ReadingSession) -> SettingNode? {
    if isPlainText {
      return SettingNode(
        content: .scalar(value.replacing("${", with: "$${"), isQuoted: true), origin: origin)
    }
    do {
      let node = try SettingDocument.parse(value, origin: origin)
      guard case .scalar(let text, let isQuoted) = node.content else { return node }
      if isQuoted ? value.contains(where: \.isNewline) : text != value {
        session.report(
          origin,
          "YAML reads '\(text.shortened(to: 200))' of it; put it in double quotes, with \\n for a line feed")
        return nil
      }
      return node
    } catch {
      session.report(origin, error.description)
      return nil
    }
  }

  /// Returns the tree with the setting in it. A stage that the file does not have is reported to the session.
  package func apply(
    to root: SettingNode, stageNames: [String], topLevelKeys: [String], session: ReadingSession
  ) -> SettingNode {
    let origin = Origin.commandLine(argument)
    guard let node = node(at: origin, session: session) else { return root }
    guard case .mapping(let entries) = root.content, let first = path.first else { return root }
    guard let stages = root["stages"], case .sequence(let items) = stages.content,
      stageNames.contains(first) || !topLevelKeys.contains(first)
    else { return root.replacing(path[...], with: node, origin) }

    var found = false
    let replaced = items.map { item -> SettingNode in
      guard item.stageName == first else { return item }
      found = true
      // A bare name becomes a mapping with the setting in it.
      return item.replacing(path[...], with: node, origin)
    }
    guard found else {
      let names = items.compactMap(\.stageName)
      let nearest = NearestKey.nearest(to: first, in: names + topLevelKeys)
      session.report(
        origin,
        "the pipeline file has no stage '\(first)'" + (nearest.map { NearestKey.question(meaning: $0) } ?? "")
      )
      return root
    }
    var result = root
    result.content = .mapping(
      entries.map { entry in
        guard entry.key == "stages" else { return entry }
        var entry = entry
        entry.value.content = .sequence(replaced)
        return entry
      })
    return result
  }
}

extension SettingNode {
  /// The stage that an item of `stages` names.
  fileprivate var stageName: String? {
    switch content {
    case .mapping(let pairs): pairs.count == 1 ? pairs[0].key : nil
    case .scalar(let text, _): isNull ? nil : text
    case .sequence: nil
    }
  }

  /// Returns the tree with `value` behind the keys of `path`, the mappings on the way made where they are
  /// missing.
  package func replacing(_ path: ArraySlice<String>, with value: SettingNode, _ origin: Origin) -> SettingNode
  {
    guard let key = path.first else { return value }
    var entries: [Entry] = []
    if case .mapping(let existing) = content { entries = existing }
    let old = entries.last { $0.key == key }?.value
    let empty = SettingNode(content: .mapping([]), origin: origin)
    let new = Entry(
      key: key, keyOrigin: origin, value: (old ?? empty).replacing(path.dropFirst(), with: value, origin))
    if let index = entries.lastIndex(where: { $0.key == key }) {
      entries[index].value = new.value
      if path.count == 1 { entries[index].keyOrigin = origin }
    } else {
      entries.append(new)
    }
    var result = self
    result.content = .mapping(entries)
    return result
  }
}
