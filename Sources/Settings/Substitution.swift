import Foundation

/// Fills `${env:NAME}`, `${env:NAME:-default}` and `${vars.x}` into the texts of a tree; `$${` stands for
/// `${`.
///
/// Nothing is executed, and what was filled in is not looked at again.
package struct Substitution {
  package let environment: [String: String]
  package let session: ReadingSession
  private var variables: [String: String] = [:]

  package init(environment: [String: String], session: ReadingSession) {
    (self.environment, self.session) = (environment, session)
  }

  /// Returns the tree with everything filled in; the texts of the top-level mapping `vars` come first and may
  /// use `env` only.
  package mutating func apply(to root: SettingNode) -> SettingNode {
    if let vars = root["vars"], case .mapping(let entries) = vars.content {
      for entry in entries {
        guard case .scalar(let text, _) = entry.value.content else {
          session.report(entry.value.origin, "vars.\(entry.key) must be text or a number")
          continue
        }
        // Filled in before it is entered: a variable sees no variable, so no cycle can be.
        variables[entry.key] = fill(text, at: entry.value.origin, seesVariables: false)
      }
    }
    return filled(root)
  }

  private func filled(_ node: SettingNode) -> SettingNode {
    var node = node
    switch node.content {
    case .scalar(let text, let isQuoted):
      var text = text.contains("${") ? fill(text, at: node.origin, seesVariables: true) : text
      if let refused = TextScalars.firstRefused(in: text) {
        session.report(node.origin, TextScalars.objection(to: refused))
        text = TextScalars.replaced(in: text)
      }
      node.content = .scalar(text, isQuoted: isQuoted)
    case .sequence(let items): node.content = .sequence(items.map(filled))
    case .mapping(let entries):
      node.content = .mapping(
        entries.map { entry in
          var entry = entry
          if entry.key != "vars" { entry.value = filled(entry.value) }
          return entry
        })
    }
    return node
  }

  private func fill(_ text: String, at origin: Origin, seesVariables: Bool) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.range(of: "${") {
      if rest[..<dollar.lowerBound].hasSuffix("$") {
        result += rest[..<dollar.lowerBound].dropLast() + "${"
        rest = rest[dollar.upperBound...]
        continue
      }
      result += rest[..<dollar.lowerBound]
      guard let end = rest.range(of: "}", range: dollar.upperBound..<rest.endIndex) else {
        session.report(origin, "'${' without '}'")
        return result
      }
      result += value(of: String(rest[dollar.upperBound..<end.lowerBound]), origin, seesVariables)
      rest = rest[end.upperBound...]
    }
    return result + rest
  }

  private func value(of name: String, _ origin: Origin, _ seesVariables: Bool) -> String {
    if name.hasPrefix("env:") {
      let parts = name.dropFirst(4)
      let (variable, fallback): (Substring, Substring?) =
        if let dash = parts.range(of: ":-") {
          (parts[..<dash.lowerBound], parts[dash.upperBound...])
        } else {
          (parts, nil)
        }
      if let value = environment[String(variable)], !value.isEmpty { return value }
      if let fallback { return String(fallback) }
      session.report(
        origin,
        "the environment has no '\(variable)'; write ${env:\(variable):-default} to do without")
      return ""
    }
    if name.hasPrefix("vars."), seesVariables {
      let key = String(name.dropFirst(5))
      if let value = variables[key] { return value }
      let nearest = variables.count > 500 ? nil : NearestKey.nearest(to: key, in: variables.keys.sorted())
      session.report(
        origin, "there is no 'vars.\(key)'" + (nearest.map { NearestKey.question(meaning: $0) } ?? ""))
      return ""
    }
    session.report(
      origin,
      seesVariables
        ? "'${\(name)}' is neither ${env:NAME} nor ${vars.name}"
        : "'${\(name)}': a variable may be made from ${env:NAME} only")
    return ""
  }
}
