import Foundation

/// The conversion of the node behind a key to a value: one small description for each kind of setting.
package struct SettingType<Value> {
  /// The kind of value.
  package var kind: SettingDescription.Kind
  /// Reads a node; reports to the session and returns nil where the node is no such value.
  package var read: (SettingNode, String, ReadingSession) -> Value?
  /// The value as it counts in keys; nil where it does not count (a path: the file's content counts instead).
  package var canonical: (Value) -> JSONValue?

  /// Returns a type whose values are written as one scalar.
  package static func scalar(
    _ kind: SettingDescription.Kind, parse: @escaping (String) -> Value?,
    canonical: @escaping (Value) -> JSONValue?
  ) -> SettingType {
    SettingType(
      kind: kind,
      read: { node, name, session in
        if case .scalar(let text, _) = node.content, !node.isNull, let value = parse(text) { return value }
        let hint = comment(behind: node, session) ?? nearest(to: node, in: kind)
        session.report(node.origin, "'\(name)' must be \(kind.phrase), not \(node.kindName)\(hint)")
        return nil
      },
      canonical: canonical)
  }

  private static func nearest(to node: SettingNode, in kind: SettingDescription.Kind) -> String {
    guard case .choice(let words) = kind, case .scalar(let text, _) = node.content else { return "" }
    return NearestKey.question(about: text, in: words)
  }

  /// Advises the user where a comment stands in the place of the value.
  private static func comment(behind node: SettingNode, _ session: ReadingSession) -> String? {
    guard node.isNull, case .file(let place) = node.origin, let comment = session.source.comment(at: place)
    else { return nil }
    return "; " + SourceText.advice(about: comment)
  }

  /// Returns a list of values, each read on its own so that every wrong element is reported.
  package static func list<Element>(_ element: SettingType<Element>) -> SettingType where Value == [Element] {
    SettingType(
      kind: .list(element.kind),
      read: { node, name, session in
        guard case .sequence(let items) = node.content else {
          let hint =
            if case .scalar(let text, _) = node.content, !node.isNull { ": write [\(text)]" } else { "" }
          session.report(node.origin, "'\(name)' must be a list, not \(node.kindName)\(hint)")
          return nil
        }
        let values = items.enumerated().map { element.read($1, "\(name)[\($0)]", session) }
        return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
      },
      canonical: { values in
        let counting = values.compactMap(element.canonical)
        return counting.count == values.count ? .array(counting) : nil
      })
  }
}

extension SettingType where Value == Int {
  /// Returns a whole number; `10_000` is 10000 as everywhere in YAML 1.1.
  package static func int(in range: ClosedRange<Int>) -> SettingType {
    scalar(.integer(range)) { text in
      let digits = text.replacingOccurrences(of: "_", with: "")
      guard let value = Int(digits), range.contains(value) else { return nil }
      return value
    } canonical: {
      .int($0)
    }
  }

  /// A size in bytes.
  package static var bytes: SettingType {
    scalar(.bytes, parse: Quantity.bytes) { .int($0) }
  }

  /// A size in bytes that changes no byte of any file, and so does not count in keys.
  package static var uncountedBytes: SettingType {
    scalar(.bytes, parse: Quantity.bytes) { _ in nil }
  }
}

extension SettingType where Value == Double {
  /// Returns a finite decimal number; Swift reads it the same in every locale.
  package static func double(in range: ClosedRange<Double>) -> SettingType {
    scalar(.number(range)) { text in
      let isDecimal = text.allSatisfy { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
      guard isDecimal, let value = Double(text), value.isFinite, range.contains(value) else { return nil }
      return value
    } canonical: {
      .number($0)
    }
  }

  /// Returns a finite decimal number that changes no byte of any file, and so does not count in keys.
  package static func uncountedDouble(in range: ClosedRange<Double>) -> SettingType {
    var type = double(in: range)
    type.canonical = { _ in nil }
    return type
  }

  /// A time in seconds.
  package static var duration: SettingType {
    scalar(.duration, parse: Quantity.seconds) { .number($0) }
  }

  /// A time in seconds that changes no byte of any file, and so does not count in keys.
  package static var uncountedDuration: SettingType {
    scalar(.duration, parse: Quantity.seconds) { _ in nil }
  }
}

extension SettingType where Value == Bool {
  /// Reads `true` or `false` only: YAML's `no`, `off` and `n` have surprised enough people.
  package static var bool: SettingType {
    scalar(.boolean) {
      ["true": true, "false": false][$0]
    } canonical: {
      .bool($0)
    }
  }
}

extension SettingType where Value == Length {
  /// Pixels or metres.
  package static var length: SettingType {
    scalar(.length, parse: Length.init(text:)) { .string($0.text) }
  }
}

extension SettingType where Value == Area {
  /// Pixels, or an area on the ground.
  package static var area: SettingType {
    scalar(.area, parse: Area.init(text:)) { .string($0.text) }
  }
}

extension SettingType where Value == String {
  /// Reads text, whole-matched by `pattern` where there is one; the example shows people what matches.
  package static func string(matching pattern: String? = nil, like example: String? = nil) -> SettingType {
    scalar(.string(pattern: pattern, example: example)) { text in
      guard let pattern else { return text }
      return text.range(of: "^(?:\(pattern))\\z", options: .regularExpression) == nil ? nil : text
    } canonical: {
      .string($0)
    }
  }

  /// Reads one of a list of words.
  package static func word(of words: [String]) -> SettingType {
    scalar(.choice(words)) {
      words.contains($0) ? $0 : nil
    } canonical: {
      .string($0)
    }
  }
}

extension SettingType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// Reads one of the words of an enumeration.
  package static var choice: SettingType {
    scalar(.choice(Value.allCases.map(\.rawValue)), parse: Value.init(rawValue:)) { .string($0.rawValue) }
  }
}

extension SettingType where Value == URL {
  /// Returns a file or directory relative to the pipeline file; `mustExist` asks for it to be there now.
  /// `remedy` says what to do where it is not.
  package static func path(mustExist: Bool, remedy: String? = nil) -> SettingType {
    SettingType(
      kind: .path,
      read: { node, name, session in
        guard case .scalar(let text, _) = node.content, !node.isNull else {
          session.report(node.origin, "'\(name)' must be a path, not \(node.kindName)")
          return nil
        }
        if let reason = ForbiddenPath.reason(text) {
          session.report(node.origin, "'\(name)' must be a plain path: \(reason)")
          return nil
        }
        let url =
          (text.hasPrefix("/") ? URL(fileURLWithPath: text) : session.directory.appendingPathComponent(text))
          .standardizedFileURL
        session.paths.append(url)
        if mustExist && session.checksPaths && !FileManager.default.fileExists(atPath: url.path) {
          let place = text.hasPrefix("/") ? "" : " (\(url.path))"
          let advice = remedy.map { "; \($0)" } ?? ""
          session.report(
            node.origin, "'\(name)': there is no '\(text)'\(place)\(advice)", kind: .missingInput)
        }
        return url
      },
      canonical: { _ in nil })
  }
}

/// Spellings that GDAL would take for something other than a file of this machine.
enum ForbiddenPath {
  /// Returns the reason why `text` is refused as a path, nil where it is a plain one.
  package static func reason(_ text: String) -> String? {
    if text.hasPrefix("/vsi") { return "GDAL's virtual file systems (/vsi...) are not read" }
    if text.contains("://") { return "nothing is read over a network" }
    if text.contains("<") || text.contains("\0") { return "it holds a character that no path here has" }
    if text.hasPrefix("~") { return "'~' is not expanded, write ${env:HOME}" }
    if text.range(of: "^[A-Z0-9_]{2,}:", options: .regularExpression) != nil {
      return "a driver's subdataset syntax is not read"
    }
    return nil
  }
}
