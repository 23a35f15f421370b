import Foundation

/// The modules of a package and their arrows, as its manifest declares them.
struct ModuleGraph {
  /// The modules that each module imports, system libraries, tests and examples left out.
  let imports: [String: Set<String>]

  /// Reads what `swift package dump-package` prints.
  init(manifest: Data) throws {
    let package = try JSONDecoder().decode(Manifest.self, from: manifest)
    let modules = package.targets.filter { $0.type == "regular" || $0.type == "executable" }
      .filter { module in !["Tests/", "Examples/"].contains { module.path?.hasPrefix($0) ?? false } }
    let names = Set(modules.map(\.name))
    imports = Dictionary(
      uniqueKeysWithValues: modules.map {
        ($0.name, Set($0.dependencies.compactMap(\.name)).intersection(names))
      })
  }

  /// The graph in Mermaid's language; an arrow that follows from others is left out.
  var mermaid: String {
    let arrows = imports.keys.sorted().flatMap { module in
      direct(module).sorted().map { "  \(module) --> \($0)" }
    }
    return (["graph TD"] + arrows).joined(separator: "\n")
  }

  /// Returns the imports of a module that none of its others has in turn.
  private func direct(_ module: String) -> Set<String> {
    let own = imports[module] ?? []
    return own.filter { candidate in !own.contains { $0 != candidate && reaches(candidate, from: $0) } }
  }

  private func reaches(_ module: String, from start: String) -> Bool {
    var (seen, open): (Set<String>, [String]) = ([], [start])
    while let next = open.popLast() {
      for other in imports[next] ?? [] where seen.insert(other).inserted { open.append(other) }
    }
    return seen.contains(module)
  }

  private struct Manifest: Decodable {
    let targets: [Target]
  }

  private struct Target: Decodable {
    let name: String
    let type: String
    let path: String?
    let dependencies: [Dependency]
  }

  /// A dependency in the manifest: `{"byName": ["Rasters", null]}`, `{"product": ["Yams", ...]}`.
  private struct Dependency: Decodable {
    let name: String?

    init(from decoder: any Decoder) throws {
      let kinds = try decoder.singleValueContainer().decode([String: [Part?]].self)
      name = kinds["byName"]?.first??.text ?? kinds["target"]?.first??.text
    }
  }

  private struct Part: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
  }
}
