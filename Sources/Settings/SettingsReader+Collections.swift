import Foundation

extension SettingsReader {
  /// Reads a list of whole numbers.
  public func ints(
    _ key: String, default defaultValue: [Int], in range: ClosedRange<Int>, _ doc: String
  ) -> [Int] {
    read(key, .list(.int(in: range)), default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a list of finite numbers.
  public func doubles(
    _ key: String, default defaultValue: [Double], in range: ClosedRange<Double>, _ doc: String
  ) -> [Double] {
    read(key, .list(.double(in: range)), default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a list of texts; required where no default is given.
  public func strings(
    _ key: String, default defaultValue: [String]? = nil, matching pattern: String? = nil, _ doc: String
  ) -> [String] {
    read(
      key, .list(.string(matching: pattern)), default: defaultValue, isRequired: defaultValue == nil, doc)
      ?? []
  }

  /// Reads a list of texts, nil where the key is absent.
  public func optionalStrings(_ key: String, _ doc: String) -> [String]? {
    read(key, .list(.string()), default: nil, isRequired: false, doc)
  }

  /// Reads a list of words of an enumeration.
  public func choices<Word>(
    _ key: String, of type: Word.Type = Word.self, default defaultValue: [Word], _ doc: String
  ) -> [Word] where Word: CaseIterable & RawRepresentable, Word.RawValue == String {
    read(key, .list(.choice), default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a list of files or directories, empty where the key is absent.
  public func paths(_ key: String, mustExist: Bool = true, _ doc: String) -> [URL] {
    read(key, .list(.path(mustExist: mustExist)), default: nil, isRequired: false, doc) ?? []
  }

  /// Reads a mapping with keys of its own; where it is absent its defaults count.
  public func mapping<Value>(_ key: String, _ doc: String, read: (SettingsReader) -> Value) -> Value {
    let child = child(node(key), named: qualified(key))
    let value = watching(key) {
      let value = read(child)
      child.finish()
      return value
    }
    describe(key, .mapping(child.settings), isRequired: false, doc)
    count(key, as: child.canonical)
    return value
  }

  /// Reads a mapping that may be written as the text alone that stands behind its `textKey`; where it is
  /// absent its defaults count, and it counts for nothing in keys.
  package func mapping<Value>(
    _ key: String, textKey: String, _ doc: String, read: (SettingsReader) -> Value
  ) -> Value {
    let child = child(node(key)?.asMapping(behind: textKey), named: qualified(key))
    let value = watching(key) {
      let value = read(child)
      child.finish()
      return value
    }
    describe(key, .textOr(child.settings), isRequired: false, doc)
    if has(key) { count(key, as: child.canonical) }
    return value
  }

  /// Reads a list of mappings, each with keys of its own; an absent list is empty, and an error where it is
  /// required.
  public func mappings<Value>(
    _ key: String, isRequired: Bool = false, _ doc: String, read: (SettingsReader) -> Value
  ) -> [Value] {
    describe(key, .list(.mapping(described(by: read))), isRequired: isRequired, doc)
    guard let node = node(key) else {
      if isRequired && !isDescribing { session.report(origin, "\(name) needs '\(key)': \(doc)") }
      return []
    }
    return watching(key) {
      guard case .sequence(let items) = node.content else {
        session.report(node.origin, "'\(key)' must be a list of mappings, not \(node.kindName)")
        return []
      }
      return values(of: items, key, read)
    }
  }

  /// Returns the results of `read` for each mapping of a list.
  private func values<Value>(of items: [SettingNode], _ key: String, _ read: (SettingsReader) -> Value)
    -> [Value]
  {
    let readers = items.enumerated().map { child($1, named: "\(qualified(key))[\($0)]") }
    let values = readers.map { reader in
      let value = read(reader)
      reader.finish()
      return value
    }
    count(key, as: .array(readers.map(\.canonical)))
    return values
  }

  /// Reads a list of mappings, each of which may be written as the path alone that stands behind its
  /// `pathKey`; empty where it is absent.
  package func pathsOrMappings<Value>(
    _ key: String, pathKey: String, _ doc: String, read: (SettingsReader) -> Value
  ) -> [Value] {
    describe(key, .list(.pathOr(described(by: read))), isRequired: false, doc)
    guard let node = node(key) else { return [] }
    return watching(key) {
      guard case .sequence(let items) = node.content else {
        let hint =
          if case .scalar(let text, _) = node.content, !node.isNull { ": write [\(text)]" } else { "" }
        session.report(node.origin, "'\(key)' must be a list, not \(node.kindName)\(hint)")
        return []
      }
      return values(of: items.map { $0.asMapping(behind: pathKey) }, key, read)
    }
  }

  /// Returns the full name of a key: `data.target` for the key `target` of `data`; the keys of the file's top
  /// level stand alone.
  func qualified(_ key: String) -> String {
    name == Self.topLevelName ? key : "\(name).\(key)"
  }

  private func described<Value>(by read: (SettingsReader) -> Value) -> [SettingDescription] {
    let describing = SettingsReader(
      nil, name: name, origin: nil,
      session: ReadingSession(file: session.file, directory: session.directory, isDescribing: true))
    _ = read(describing)
    return describing.settings
  }
}
