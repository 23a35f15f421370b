import Foundation
import Yams

/// A YAML text as a tree of settings, without the parts of YAML that a file of settings has no use for.
///
/// Refused: anchors and aliases (a few hundred bytes of them can stand for gigabytes), merge keys, tags, several
/// documents, keys that are not plain text, nesting deeper than ``maximumDepth`` and texts above ``maximumBytes``.
package enum SettingDocument {
  static let maximumBytes = 1_000_000
  static let maximumDepth = 32
  /// Repeated keys are found one at a time, each with another parse; after this many the rest are left for later.
  private static let maximumDuplicates = 50

  /// What is wrong with a text, and where.
  struct Mistake: Error, CustomStringConvertible {
    var location: Location?
    var message: String
    var description: String { message }
  }

  /// The tree of a whole file; mistakes are reported to the session. Nil where there is no tree to go on with.
  package static func read(_ text: String, session: ReadingSession) -> SettingNode? {
    if text.utf8.count > maximumBytes {
      session.report(nil, "the file has \(text.utf8.count) bytes; \(maximumBytes) are the most that is read")
      return nil
    }
    do {
      try refuseAliases(text)
      let (node, firsts) = try composeKeepingDuplicates(text)
      guard let node else {
        session.report(nil, "the file is empty")
        return nil
      }
      var conversion = Conversion(session: session, firsts: firsts)
      return conversion.convert(node, depth: 0)
    } catch {
      session.report(error.location.map(Origin.file), error.message + hint(for: error, in: session))
      return nil
    }
  }

  /// The mistake that people make most: `{epochs: ${vars.n}}`, where YAML takes the inner braces for its own.
  private static func hint(for mistake: Mistake, in session: ReadingSession) -> String {
    guard let line = mistake.location?.line, session.lines.indices.contains(line - 1),
      session.lines[line - 1].contains("${")
    else { return "" }
    return "; between { } or [ ] put quotes around \"${...}\""
  }

  /// The tree of a value on the command line.
  static func parse(_ text: String, origin: Origin) throws(Mistake) -> SettingNode {
    try refuseAliases(text)
    let (node, _) = try composeKeepingDuplicates(text)
    let session = ReadingSession(
      file: "", text: text, directory: URL(fileURLWithPath: "/"), checksPaths: false)
    guard let node else { return SettingNode(content: .scalar("", isQuoted: false), origin: origin) }
    var conversion = Conversion(session: session, firsts: [:])
    let tree = conversion.convert(node, depth: 0)
    if let first = session.diagnostics.first { throw Mistake(location: nil, message: first.message) }
    return tree.moved(to: origin)
  }

  private static func refuseAliases(_ text: String) throws(Mistake) {
    if let location = AliasScan.firstAnchorOrAlias(in: text) {
      throw Mistake(
        location: location, message: "anchors (&name) and aliases (*name) are not read; write it out")
    }
  }

  /// Composes `text`. Yams stops at the first repeated key of a mapping, naming the place of its first occurrence; that
  /// occurrence is renamed in the text, character for character so that no column moves, and the text composed again.
  /// The renamed keys come back with the names they had.
  private static func composeKeepingDuplicates(
    _ text: String
  ) throws(Mistake) -> (Node?, firsts: [Location: Unicode.Scalar]) {
    var text = text
    var firsts: [Location: Unicode.Scalar] = [:]
    while true {
      do {
        return (try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot(), firsts)
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let location = Location(line: context.mark.line, column: context.mark.column)
        guard firsts.count < maximumDuplicates, firsts[location] == nil,
          let original = rename(&text, at: location, to: Unicode.Scalar(0xE000 + UInt32(firsts.count))!)
        else {
          throw Mistake(
            location: location, message: "key \(keys.map { "'\($0)'" }.joined(separator: ", ")) repeated")
        }
        firsts[location] = original
      } catch let error as YamlError {
        throw mistake(error)
      } catch {
        throw Mistake(location: nil, message: "\(error)")
      }
    }
  }

  /// Replaces the first scalar of the key at `location` (after its quote); nil where there is nothing to replace.
  private static func rename(
    _ text: inout String, at location: Location, to scalar: Unicode.Scalar
  ) -> Unicode.Scalar? {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.indices.contains(location.line - 1) else { return nil }
    var scalars = Array(lines[location.line - 1].unicodeScalars)
    var index = location.column - 1
    if scalars.indices.contains(index), scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
    guard scalars.indices.contains(index), scalars[index].properties.isAlphabetic else { return nil }
    let original = scalars[index]
    scalars[index] = scalar
    lines[location.line - 1] = String(String.UnicodeScalarView(scalars))
    text = lines.joined(separator: "\n")
    return original
  }

  private static func mistake(_ error: YamlError) -> Mistake {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let where_ = context.map { " (\($0.text))" } ?? ""
      return Mistake(
        location: Location(line: mark.line, column: mark.column), message: "not YAML: \(problem)\(where_)")
    case .reader(let problem, _, _, _): return Mistake(location: nil, message: "not YAML: \(problem)")
    default: return Mistake(location: nil, message: "not YAML: \(error)")
    }
  }

  /// From Yams's nodes to settings.
  private struct Conversion {
    let session: ReadingSession
    /// The first occurrences of repeated keys with the scalar that stood where a private one stands now.
    let firsts: [Location: Unicode.Scalar]

    mutating func convert(_ node: Node, depth: Int) -> SettingNode {
      let origin = Origin.file(location(of: node))
      let nothing = SettingNode(content: .scalar("", isQuoted: false), origin: origin)
      if depth > maximumDepth {
        session.report(origin, "nested more than \(maximumDepth) deep")
        return nothing
      }
      if node.anchor != nil {
        session.report(origin, "anchors (&name) and aliases (*name) are not read; write it out")
      }
      switch node {
      case .scalar(let scalar):
        let isQuoted = scalar.style != .plain && scalar.style != .any
        return SettingNode(content: .scalar(scalar.string, isQuoted: isQuoted), origin: origin)
      case .sequence(let items):
        return SettingNode(content: .sequence(items.map { convert($0, depth: depth + 1) }), origin: origin)
      case .mapping(let mapping):
        return SettingNode(content: .mapping(entries(mapping, depth: depth)), origin: origin)
      case .alias: return nothing
      }
    }

    private mutating func entries(_ mapping: Node.Mapping, depth: Int) -> [SettingNode.Entry] {
      var entries: [SettingNode.Entry] = []
      var placesOfFirst: [String: Location] = [:]
      for (key, value) in mapping {
        let place = location(of: key)
        guard case .scalar(let scalar) = key else {
          session.report(.file(place), "a key must be text")
          continue
        }
        if scalar.string == "<<" {
          session.report(.file(place), "merge keys (<<) are not read; write it out")
          continue
        }
        var name = scalar.string
        if let original = firsts[place] {
          name = String(original) + name.dropFirst()
        }
        if let first = placesOfFirst[name] {
          session.report(.file(place), "key '\(name)' repeated; it stands in line \(first.line) already")
        }
        placesOfFirst[name] = placesOfFirst[name] ?? place
        let converted = convert(value, depth: depth + 1)
        if placesOfFirst[name] != place { entries.removeAll { $0.key == name } }
        entries.append(SettingNode.Entry(key: name, keyOrigin: .file(place), value: converted))
      }
      return entries
    }

    private func location(of node: Node) -> Location {
      Location(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
  }
}

extension SettingNode {
  /// The same tree with every origin replaced.
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
