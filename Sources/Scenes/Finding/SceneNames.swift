import Foundation

/// Names that tell scenes apart by where they lie.
///
/// A directory of products is named for its scene, so no two scenes may share a name, not even on a file
/// system that ignores case. A name follows from the scene's path and those that would share it, never from
/// an order: the kind of its file, the nearest parents that differ, at last a digest of the path's end.
public enum SceneNames {
  /// Names for scenes of given names and paths, in their order.
  public static func apart(_ scenes: [(name: String, path: String, isDirectory: Bool)]) -> [String] {
    let parents = scenes.map { scene in
      Array(URL(fileURLWithPath: scene.path).standardizedFileURL.pathComponents.dropFirst().dropLast())
    }
    var names = scenes.map(\.name)
    // In one directory the kind of file tells apart.
    forEachGroup(names.indices.map { parents[$0].joined(separator: "/") + "/" + names[$0].lowercased() }) {
      group in
      for index in group {
        let scene = scenes[index]
        let kind =
          scene.isDirectory ? "directory" : URL(fileURLWithPath: scene.path).pathExtension.lowercased()
        names[index] = "\(scene.name)-\(kind)"
      }
    }
    // In several the nearest parents do.
    let kinds = names
    forEachGroup(names.map { $0.lowercased() }) { group in
      guard Set(group.map { parents[$0] }).count > 1 else { return }
      for index in group {
        let own = parents[index]
        let depth = (1...max(1, own.count)).first { depth in
          group.allSatisfy { other in
            parents[other] == own
              || own.suffix(depth).map { $0.lowercased() }
                != parents[other].suffix(depth).map { $0.lowercased() }
          }
        }
        names[index] = (own.suffix(depth ?? 1) + [kinds[index]]).joined(separator: "-")
      }
    }
    // What still clashes was named here, or differs by case alone; a name that one scene has by itself is
    // left.
    forEachGroup(names.map { $0.lowercased() }) { group in
      let natural = group.filter { names[$0] == scenes[$0].name }
      for index in group where natural != [index] {
        let file = URL(fileURLWithPath: scenes[index].path).lastPathComponent
        // As much of the path's end as differs from the others.
        let own = parents[index]
        let depth = (1...max(1, own.count)).first { depth in
          group.allSatisfy { parents[$0] == own || parents[$0].suffix(depth) != own.suffix(depth) }
        }
        names[index] += "-" + digest(of: own.suffix(depth ?? own.count) + [file])
      }
    }
    return names
  }

  /// Calls `body` with the places of keys that occur more than once.
  private static func forEachGroup(_ keys: [String], _ body: ([Int]) -> Void) {
    for group in Dictionary(grouping: keys.indices, by: { keys[$0] }).values where group.count > 1 {
      body(group.sorted())
    }
  }

  /// Twelve hexadecimal digits of a path's end (FNV-1a of 64 bits): so many that no two scenes share them.
  private static func digest(of parts: [String]) -> String {
    let hash = parts.joined(separator: "/").utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    let text = String(hash & 0xffff_ffff_ffff, radix: 16)
    return String(repeating: "0", count: 12 - text.count) + text
  }
}
