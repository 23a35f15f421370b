/// A value of the pipeline file with the place where it was written: what is left of YAML once aliases, tags
/// and types are out of the way.
package struct SettingNode: Sendable {
  package enum Content: Sendable {
    /// Text as written; `isQuoted` where it stood in quotes or in a block and so is text whatever it looks
    /// like.
    case scalar(String, isQuoted: Bool)
    case sequence([SettingNode])
    case mapping([Entry])
  }

  package struct Entry: Sendable {
    package var key: String
    package var keyOrigin: Origin
    package var value: SettingNode

    package init(key: String, keyOrigin: Origin, value: SettingNode) {
      (self.key, self.keyOrigin, self.value) = (key, keyOrigin, value)
    }
  }

  package var content: Content
  package var origin: Origin

  package init(content: Content, origin: Origin) {
    (self.content, self.origin) = (content, origin)
  }

  /// Whether the value is empty: `key:` alone, `~` or `null`.
  package var isNull: Bool {
    if case .scalar(let text, isQuoted: false) = content {
      return text.isEmpty || text == "~" || text.lowercased() == "null"
    }
    return false
  }

  /// The kind of the node, for messages.
  package var kindName: String {
    switch content {
    case .scalar(let text, let isQuoted):
      isNull ? "nothing" : isQuoted ? "text \"\(Self.brief(text))\"" : "'\(Self.brief(text))'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// Returns a text as a mapping with that text behind one key; anything else as it is.
  func asMapping(behind key: String) -> SettingNode {
    guard case .scalar = content, !isNull else { return self }
    return SettingNode(
      content: .mapping([Entry(key: key, keyOrigin: origin, value: self)]), origin: origin)
  }

  /// Returns the beginning of a text for a message: a file that is no pipeline at all is one text as long as
  /// itself.
  private static func brief(_ text: String) -> String {
    text.utf8.count <= 60 ? text : "\(text.prefix(57))..."
  }

  package subscript(key: String) -> SettingNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.last { $0.key == key }?.value
  }
}
