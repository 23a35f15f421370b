/// The rules of the plan of the house, and the places where the sources break them.
struct PlanRules {
  /// The largest share of all lines that one module holds.
  static let largestModule = 0.14
  /// The largest number of files that may need each other: a type, its parts and who makes them.
  static let largestCircle = 6

  private let index: SourceIndex

  /// Creates the rules over these files.
  init(_ index: SourceIndex) { self.index = index }

  /// One line for each fault.
  var faults: [String] {
    modulesTooLarge + foldersBothWays + circlesTooLarge + downcasts + searchedFiles
  }

  /// Lines and share of each module, the largest first.
  var shares: [(module: String, lines: Int, share: Double)] {
    let lines = index.files.reduce(into: [:]) { $0[$1.module, default: 0] += $1.lines }
    let total = Double(max(1, lines.values.reduce(0, +)))
    return lines.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ($0.key, $0.value, Double($0.value) / total) }
  }

  private var modulesTooLarge: [String] {
    shares.filter { $0.share > Self.largestModule }.map { module, lines, share in
      "\(module) has \(lines) lines, \(Self.percent(share)) of all; \(Self.percent(Self.largestModule)) is the most"
    }
  }

  /// Folders of one module of which either names types of the other.
  private var foldersBothWays: [String] {
    var arrows: [String: [String: String]] = [:]
    for (place, file) in index.files.enumerated() {
      for use in index.uses[place] {
        let other = index.files[use.file]
        guard other.folder != file.folder else { continue }
        arrows[file.folder, default: [:]][other.folder] = "\(file.name) names \(use.type) of \(other.name)"
      }
    }
    return arrows.keys.sorted().flatMap { folder in
      (arrows[folder] ?? [:]).keys.sorted().compactMap { other in
        guard folder < other, let there = arrows[folder]?[other], let back = arrows[other]?[folder] else {
          return nil
        }
        return "\(folder) and \(other) have arrows both ways: \(there), \(back)"
      }
    }
  }

  private var circlesTooLarge: [String] {
    Circles(index.uses.map { $0.map(\.file) }).groups.filter { $0.count > Self.largestCircle }.map { group in
      "\(group.count) files need each other: \(group.map { index.files[$0].path }.joined(separator: ", "))"
    }
  }

  /// The modules whose parts hand each other artifacts.
  private static let handingOn: Set<String> = ["Pipelines", "SceneChanges", "Products", "Runs"]

  /// Places that ask a value whether it is a certain stage: stages ask each other by what `Stage` requires.
  private var downcasts: [String] {
    index.files.flatMap { file in
      file.code.matches(of: /\b(?:as\?|as!|is)\s+(?:any\s+)?(\w*Stage)\b/).map {
        "\(file.path) asks whether a stage is \($0.1)"
      }
    }
  }

  /// Places that look for a file of another stage by the end of its path: what a stage leaves is in its
  /// artifact.
  private var searchedFiles: [String] {
    index.files.filter { Self.handingOn.contains($0.module) }.flatMap { file in
      file.code.matches(of: /\.files\b[^\n]*\.path\.has(?:Suffix|Prefix)\(/).map { _ in
        "\(file.path) looks for a file of a task by its name"
      }
    }
  }

  /// Returns a share in percent with one decimal.
  static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}
