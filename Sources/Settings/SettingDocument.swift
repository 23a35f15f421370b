import Foundation
import Yams

/// A YAML text as a tree of settings, without the parts of YAML that a file of settings has no use for.
///
/// Refused: anchors and aliases (a few hundred bytes of them can stand for gigabytes), merge keys, control
/// characters, several documents, keys that are not plain text, nesting deeper than ``maximumDepth`` and
/// texts above ``maximumBytes``.
package enum SettingDocument {
  package static let maximumBytes = 1_000_000
  package static let maximumDepth = 32
  /// The most repeated keys that are found: each takes another parse, and the rest are left for later.
  private static let maximumDuplicates = 50

  /// A mistake in a text, and its place.
  package struct Mistake: Error, CustomStringConvertible {
    var location: Location?
    package var message: String
    package var description: String { message }
    /// Whether it was met between brackets, which a comment may have kept from being closed.
    var isOfFlow: Bool { message.contains("flow ") }
  }

  /// Returns the tree of a whole file; mistakes are reported to the session. Nil where there is no tree to go
  /// on with.
  package static func read(_ text: String, session: ReadingSession) -> SettingNode? {
    if text.utf8.count > maximumBytes {
      session.report(nil, "the file has \(text.utf8.count) bytes; \(maximumBytes) are the most that is read")
      return nil
    }
    do {
      let composed = try composeKeepingDuplicates(text)
      guard let node = composed.node else {
        session.report(nil, "the file is empty")
        return nil
      }
      return Conversion(session: session, composed: composed).convert(node, depth: 0)
    } catch {
      let colors = error.isOfFlow ? session.source.unquotedColors(upTo: error.location?.line ?? 0) : []
      for (place, color) in colors { session.report(.file(place), SourceText.advice(about: color)) }
      guard colors.isEmpty else { return nil }
      session.report(error.location.map(Origin.file), error.message + hint(for: error, in: session))
      return nil
    }
  }

  /// Returns the mistake that people make most: `{epochs: ${vars.n}}`, where YAML takes the inner braces for
  /// its own.
  private static func hint(for mistake: Mistake, in session: ReadingSession) -> String {
    guard let line = mistake.location?.line, session.source.lines.indices.contains(line - 1),
      session.source.lines[line - 1].contains("${")
    else { return "" }
    return "; between { } or [ ] put quotes around \"${...}\""
  }

  /// Returns the tree of a value on the command line.
  package static func parse(_ text: String, origin: Origin) throws(Mistake) -> SettingNode {
    let composed = try composeKeepingDuplicates(text)
    let session = ReadingSession(
      file: "", text: text, directory: URL(fileURLWithPath: "/"), checksPaths: false)
    guard let node = composed.node else {
      return SettingNode(content: .scalar("", isQuoted: false), origin: origin)
    }
    let tree = Conversion(session: session, composed: composed).convert(node, depth: 0)
    if let first = session.diagnostics.first { throw Mistake(location: nil, message: first.message) }
    return tree.moved(to: origin)
  }

  /// A text as Yams has composed it.
  private struct Composed {
    package var text: MarkedText
    package var node: Node?
    /// The first occurrences of repeated keys, by their places in the marked text, with the scalar that stood
    /// where a private one stands now.
    var firsts: [Location: Unicode.Scalar] = [:]
  }

  /// Composes `text`. Yams stops at the first repeated key of a mapping, naming the place of its first
  /// occurrence; that occurrence is renamed in the text, character for character so that no column moves, and
  /// the text composed again.
  private static func composeKeepingDuplicates(_ text: String) throws(Mistake) -> Composed {
    try refuseControls(text)
    var composed = Composed(text: MarkedText(text))
    while true {
      do {
        composed.node = try Parser(yaml: composed.text.text, resolver: .basic, encoding: .utf8).singleRoot()
        return composed
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let location = Location(context.mark)
        let count = composed.firsts.count
        guard count < maximumDuplicates, composed.firsts[location] == nil,
          let original = composed.text.rename(at: location, to: Unicode.Scalar(0xE000 + UInt32(count))!)
        else {
          throw Mistake(
            location: composed.text.original(location),
            message: "key \(keys.map { "'\(MarkedText.unmarked($0))'" }.joined(separator: ", ")) repeated")
        }
        composed.firsts[location] = original
      } catch let error as YamlError {
        var mistake = mistake(error)
        mistake.location = mistake.location.map(composed.text.original)
        throw mistake
      } catch {
        throw Mistake(location: nil, message: "\(error)")
      }
    }
  }

  /// Refuses what cannot be in a text as it stands; what quotes write with a backslash is looked at later.
  private static func refuseControls(_ text: String) throws(Mistake) {
    guard let scalar = TextScalars.firstRefused(in: text) else { return }
    for (index, line) in YAMLLines.split(text).enumerated() {
      guard let column = line.content.firstIndex(of: scalar) else { continue }
      let isWide = scalar == "\0" ? "; is the file UTF-16? Save it as UTF-8" : ""
      throw Mistake(
        location: Location(line: index + 1, column: column + 1),
        message: TextScalars.objection(to: scalar) + isWide)
    }
  }

  private static func mistake(_ error: YamlError) -> Mistake {
    switch error {
    case .scanner(let context?, _, _, _) where context.text.hasPrefix("while scanning an a"):
      // An anchor or an alias: what the marker behind it makes of it.
      return Mistake(
        location: Location(context.mark),
        message: "anchors (&name) and aliases (*name) are not read; write it out")
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let where_ = context.map { " (\($0.text))" } ?? ""
      return Mistake(location: Location(mark), message: "not YAML: \(problem)\(where_)")
    case .reader(let problem, _, _, _): return Mistake(location: nil, message: "not YAML: \(problem)")
    default: return Mistake(location: nil, message: "not YAML: \(error)")
    }
  }

  /// The conversion of Yams's nodes to settings.
  private struct Conversion {
    package let session: ReadingSession
    let composed: Composed

    func convert(_ node: Node, depth: Int) -> SettingNode {
      let origin = origin(of: node)
      let nothing = SettingNode(content: .scalar("", isQuoted: false), origin: origin)
      if depth > maximumDepth {
        session.report(origin, "nested more than \(maximumDepth) deep")
        return nothing
      }
      switch node {
      case .scalar(let scalar):
        let isQuoted = scalar.style != .plain && scalar.style != .any
        return SettingNode(
          content: .scalar(MarkedText.unmarked(scalar.string), isQuoted: isQuoted), origin: origin)
      case .sequence(let items):
        return SettingNode(content: .sequence(items.map { convert($0, depth: depth + 1) }), origin: origin)
      case .mapping(let mapping):
        return SettingNode(content: .mapping(entries(mapping, depth: depth)), origin: origin)
      case .alias: return nothing
      }
    }

    private func entries(_ mapping: Node.Mapping, depth: Int) -> [SettingNode.Entry] {
      var entries: [SettingNode.Entry] = []
      var placesOfFirst: [String: Location] = [:]
      for (key, value) in mapping {
        guard let name = name(of: key) else { continue }
        let origin = origin(of: key)
        if let first = placesOfFirst[name] {
          session.report(origin, "key '\(name)' repeated; it stands in line \(first.line) already")
        }
        placesOfFirst[name] = placesOfFirst[name] ?? place(of: key)
        let converted = convert(value, depth: depth + 1)
        if placesOfFirst[name] != place(of: key) { entries.removeAll { $0.key == name } }
        entries.append(SettingNode.Entry(key: name, keyOrigin: origin, value: converted))
      }
      return entries
    }

    /// Returns the text of a key; nil where it is none, which is said.
    private func name(of key: Node) -> String? {
      guard case .scalar(let scalar) = key else {
        session.report(origin(of: key), "a key must be text")
        return nil
      }
      if scalar.string == "<<" {
        session.report(origin(of: key), "merge keys (<<) are not read; write it out")
        return nil
      }
      var name = MarkedText.unmarked(scalar.string)
      if let original = composed.firsts[place(of: key)] { name = String(original) + name.dropFirst() }
      if let refused = TextScalars.firstRefused(in: name) {
        session.report(origin(of: key), TextScalars.objection(to: refused))
        return nil
      }
      return name
    }

    /// Returns the place of a node in the marked text.
    private func place(of node: Node) -> Location {
      node.mark.map(Location.init) ?? Location(line: 1, column: 1)
    }

    private func origin(of node: Node) -> Origin { .file(composed.text.original(place(of: node))) }
  }
}

extension Location {
  fileprivate init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}

extension SettingNode {
  /// Returns the same tree with every origin replaced.
  fileprivate func moved(to origin: Origin) -> SettingNode {
    let moved: Content =
      switch content {
      case .scalar: content
      case .sequence(let items): .sequence(items.map { $0.moved(to: origin) })
      case .mapping(let entries):
        .mapping(
          entries.map { Entry(key: $0.key, keyOrigin: origin, value: $0.value.moved(to: origin)) })
      }
    return SettingNode(content: moved, origin: origin)
  }
}
