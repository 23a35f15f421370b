import Runs
import Settings

/// Where everything comes from: the settings in force, versions, keys and hashes.
struct ProvenanceSection {
  let run: RecordedRun
  let settings: JSONValue?

  var html: HTML {
    .section(
      "Settings and provenance", id: "provenance",
      [
        .facts(
          run.versions.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }
            + [("pipeline file", ScenesSections.path(run.pipeline))]),
        command,
        settings.map { .details("Settings in force", [.element("pre", [:], [.text(Self.outline($0))])]) }
          ?? .nothing,
        keys, files,
      ])
  }

  private var command: HTML {
    guard !run.arguments.isEmpty else { return .nothing }
    return .element(
      "p", class: "note",
      ["Command: ", .element("bdi", class: "mono", [.text(run.arguments.joined(separator: " "))])])
  }

  private var keys: HTML {
    let tasks = run.tasks.filter { !$0.key.isEmpty }
    guard !tasks.isEmpty else { return .nothing }
    let table = PageTable(
      caption: "SHA-256 of everything that decides about a task's files",
      columns: [.init("Task"), .init("Key")],
      rows: tasks.map { [.init(.name($0.id)), .init(.element("span", class: "mono", [.text($0.key)]))] })
    return .details("Keys of the tasks (\(tasks.count))", [table.html])
  }

  private var files: HTML {
    let files = run.tasks.flatMap(\.files).filter { !$0.path.hasPrefix("cache/") }
    guard !files.isEmpty else { return .nothing }
    let table = PageTable(
      caption: "Files, by their paths in the output directory",
      columns: [.init("File"), .init("Size", isNumber: true), .init("SHA-256")],
      rows: files.map { file in
        [
          .init(ScenesSections.path(file.path)),
          .init(number: Double(file.bytes)) { ShownNumber.bytes($0) },
          .init(.element("span", class: "mono", [.text(file.sha256)])),
        ]
      })
    return .details("Files and their hashes (\(files.count))", [table.html])
  }

  /// Returns settings as an outline, as a pipeline file would have them.
  static func outline(_ value: JSONValue, indent: Int = 0) -> String {
    let margin = String(repeating: "  ", count: indent)
    switch value {
    case .object(let members):
      return members.sorted { $0.key < $1.key }.map { key, value in
        isPlain(value)
          ? "\(margin)\(key): \(plain(value))\n" : "\(margin)\(key):\n\(outline(value, indent: indent + 1))"
      }.joined()
    case .array(let items):
      return items.map { item in
        let text = outline(item, indent: indent + 1)
        return isPlain(item)
          ? "\(margin)- \(plain(item))\n" : "\(margin)- \(text.dropFirst(2 * (indent + 1)))"
      }.joined()
    default: return "\(margin)\(plain(value))\n"
    }
  }

  private static func isPlain(_ value: JSONValue) -> Bool {
    switch value {
    case .object(let members): members.isEmpty
    case .array(let items):
      items.allSatisfy {
        switch $0 {
        case .object, .array: false
        default: true
        }
      }
    default: true
    }
  }

  private static func plain(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): text
    case .array(let items): "[\(items.map(plain).joined(separator: ", "))]"
    default: value.canonical
    }
  }
}
