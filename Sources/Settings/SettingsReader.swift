import Foundation
import Host

/// Reads the settings of one mapping of the pipeline file, key by key.
///
/// Reading never throws: a wrong value is recorded and the default returned, so that all mistakes of a file
/// come out in one pass. Every read names the key, what may be written, the default and one line of
/// documentation; the same code therefore also describes the settings (``settings``), from which
/// `terrane schema` and "did you mean" come.
///
/// ```swift
/// init(_ settings: SettingsReader) {
///   epochs = settings.int("epochs", default: 30, in: 1...10_000, "passes over the training chips")
///   overlap = settings.length("overlap", default: .pixels(64), "how far windows reach into each other")
/// }
/// ```
public final class SettingsReader {
  /// The name of the top level of a file in messages.
  package static let topLevelName = "the pipeline file"

  /// The keys that were asked for, in the order of asking.
  public private(set) var settings: [SettingDescription] = []

  package let session: ReadingSession
  /// The name of the mapping in messages: `chips`, `data.target[0]`.
  package let name: String
  package let origin: Origin?
  private let entries: [SettingNode.Entry]
  private var members: [String: JSONValue] = [:]
  /// The keys whose values were wrong: what follows from the default in their place is no news.
  private var wrong: Set<String> = []
  /// The keys that have gone elsewhere, which need no second message.
  private var moved: Set<String> = []
  /// The keys whose values do not go with others.
  private var blamed: Set<String> = []

  /// Reads `node`, which stands at `origin` and is called `name`; nil reads as an empty mapping.
  package init(_ node: SettingNode?, name: String, origin: Origin?, session: ReadingSession) {
    self.session = session
    self.name = name
    self.origin = node?.origin ?? origin
    switch node?.content {
    case .mapping(let entries): self.entries = entries
    case nil: self.entries = []
    default:
      self.entries = []
      if let node, !node.isNull {
        session.report(node.origin, "\(name) must be a mapping (key: value), not \(node.kindName)")
      }
    }
  }

  /// The settings in force, defaults filled in, without paths: what counts in the keys of tasks.
  public var canonical: JSONValue { .object(members) }

  /// Whether no file is being read: the reader only records which settings there are, and returns defaults.
  public var isDescribing: Bool { session.isDescribing }

  /// Returns whether the file writes `key`.
  public func has(_ key: String) -> Bool { node(key) != nil }

  /// Records that the value of `key` does not go with that of `other` (`overlap` above `window`). Nothing is
  /// recorded where either was wrong already.
  ///
  /// - Parameter message: what is wrong, without a full stop; the place is that of the value, or of the
  ///   mapping.
  public func problem(_ key: String, with other: String? = nil, _ message: String) {
    report(key, with: other, at: node(key)?.origin, message)
  }

  /// Records what is wrong with one element of the list behind `key`, from 0.
  package func problem(_ key: String, element: Int, _ message: String) {
    var place = node(key)?.origin
    if case .sequence(let items) = node(key)?.content, items.indices.contains(element) {
      place = items[element].origin
    }
    report(key, at: place, message)
  }

  private func report(_ key: String, with other: String? = nil, at place: Origin?, _ message: String) {
    guard !isDescribing, !wrong.contains(key), other.map({ !wrong.contains($0) }) ?? true else { return }
    blamed.insert(key)
    session.report(place ?? origin, message)
  }

  /// Records that what stands at `place` does not go with the rest of the file.
  package func problem(at place: Origin, _ message: String) {
    guard !isDescribing else { return }
    session.report(place, message)
  }

  /// Returns whether nothing was wrong with the value of `key`; a path that is not there yet is no wrong
  /// value.
  package func isSound(_ key: String) -> Bool { !wrong.contains(key) }

  /// Records a mistake where the file writes a key that this mapping once took.
  ///
  /// - Parameters:
  ///   - value: the default that the setting had. It goes on counting in keys, so that the tasks of files
  ///     that never wrote the setting keep theirs; nil where the setting had none.
  ///   - advice: what to write instead, or what is done now.
  package func moved(_ key: String, counting value: JSONValue? = nil, _ advice: String) {
    moved.insert(key)
    members[key] = value
    guard let entry = entries.last(where: { $0.key == key }) else { return }
    session.report(entry.keyOrigin, "'\(key)' is no setting of \(name) any more: \(advice)")
  }

  /// Returns whether it is sound and goes with the other values as well.
  package func isFaultless(_ key: String) -> Bool { !wrong.contains(key) && !blamed.contains(key) }

  /// Returns the places where each mapping of the list behind `key` writes the values of its keys; a text
  /// alone stands behind `pathKey`.
  package func places(inList key: String, pathKey: String) -> [[String: Origin]] {
    guard case .sequence(let items) = node(key)?.content else { return [] }
    return items.map { item in
      guard case .mapping(let entries) = item.asMapping(behind: pathKey).content else { return [:] }
      return Dictionary(entries.map { ($0.key, $0.value.origin) }, uniquingKeysWith: { $1 })
    }
  }

  // MARK: - What the typed readers are made of

  package func node(_ key: String) -> SettingNode? {
    entries.last { $0.key == key }?.value
  }

  /// Reads `key`; nil where it is absent or wrong.
  package func read<Value>(
    _ key: String, _ type: SettingType<Value>, default defaultValue: Value?, isRequired: Bool, _ doc: String
  ) -> Value? {
    describe(
      key, type.kind, isRequired: isRequired, default: defaultValue.flatMap(type.canonical), doc)
    guard let node = node(key) else {
      if isRequired && !isDescribing { session.report(origin, "\(name) needs '\(key)': \(doc)") }
      if let defaultValue { members[key] = type.canonical(defaultValue) }
      return defaultValue
    }
    guard let value = watching(key, { type.read(node, key, session) }) else { return defaultValue }
    members[key] = type.canonical(value)
    return value
  }

  /// Reads what stands behind `key`, and remembers the key where mistakes were found there.
  func watching<Value>(_ key: String, _ read: () -> Value) -> Value {
    let before = session.settingMistakes
    defer { if session.settingMistakes > before { wrong.insert(key) } }
    return read()
  }

  package func describe(
    _ key: String, _ kind: SettingDescription.Kind, isRequired: Bool, default defaultValue: JSONValue? = nil,
    _ doc: String
  ) {
    settings.append(
      SettingDescription(
        key: key, kind: kind, isRequired: isRequired, defaultValue: defaultValue, doc: doc))
  }

  package func count(_ key: String, as value: JSONValue) {
    members[key] = value
  }

  /// Returns a reader of the mapping behind `key` or in a list.
  package func child(_ node: SettingNode?, named childName: String) -> SettingsReader {
    SettingsReader(node, name: childName, origin: origin, session: session)
  }

  /// Reports the keys that nobody asked for. Called once, after the last read.
  package func finish() {
    guard !isDescribing else { return }
    let known = settings.map(\.key)
    let unknown = entries.filter { !known.contains($0.key) && !moved.contains($0.key) }
    for entry in unknown.prefix(Self.unknownKeysShown) {
      var message = "unknown key '\(entry.key.shortened(to: 100))' in \(name)"
      if let translation = NearestKey.translation(of: entry.key, in: known) {
        message += "; terrane calls it '\(translation)'"
      } else if let nearest = NearestKey.nearest(to: entry.key, in: known) {
        message += NearestKey.question(meaning: nearest)
      } else if known.isEmpty {
        message += ", which takes no settings"
      } else {
        message += " (known: \(known.joined(separator: ", ")))"
      }
      session.report(entry.keyOrigin, message)
    }
    if let next = unknown.dropFirst(Self.unknownKeysShown).first {
      session.report(
        next.keyOrigin, "\(unknown.count - Self.unknownKeysShown) more unknown keys in \(name)")
    }
  }

  /// The number of unknown keys of one mapping that are named: each is compared with all that are known.
  private static let unknownKeysShown = 50
}
