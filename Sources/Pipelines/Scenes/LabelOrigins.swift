import Rasters
import Settings

/// The values and names of labels that stand for the classes of a file, where it lists any, and how often
/// they occur.
struct LabelOrigins {
  private let classes: [String]
  private let listed: [[String]]
  /// Pixels by class and label, and the labels as files have them.
  private var found: [[String: (label: String, pixels: Int)]]
  /// The values of labels that are no class.
  private var others: Set<String> = []

  /// Creates the origins of a file's classes, of which nothing is found yet.
  init(of file: PipelineFile) {
    classes = file.classes.map(\.name)
    listed = file.listedLabels
    found = Array(repeating: [:], count: classes.count)
  }

  /// Whether the file lists labels for any class.
  var areListed: Bool { listed.contains { !$0.isEmpty } }

  /// Adds the labels of a scene.
  mutating func add(_ survey: LabelSurvey) {
    for origin in survey.origins {
      found[origin.classIndex][LabelKey.compared(origin.label), default: (origin.label, 0)].pixels +=
        origin.pixels
    }
    others.formUnion(survey.others.map(\.value))
  }

  /// Says of each class with listed labels how many pixels come from which, and which label no file holds.
  var sentences: [String] {
    listed.indices.filter { !listed[$0].isEmpty }.flatMap { index -> [String] in
      let known = found[index]
      let counts = known.values.sorted { ($1.pixels, $0.label) < ($0.pixels, $1.label) }.map {
        "\($0.label): \($0.pixels) pixels"
      }
      let made =
        counts.isEmpty ? [] : ["labels of '\(classes[index])': \(counts.joined(separator: ", "))"]
      let absent = listed[index].filter { known[LabelKey.compared($0)] == nil }
      return made
        + absent.map { label in
          let near = Double(label) == nil ? NearestKey.nearest(to: label, in: others.sorted()) : nil
          return "no pixel is labelled '\(label)', which '\(classes[index])' lists"
            + (near.map { " (did you mean '\($0)'?)" } ?? "")
        }
    }
  }
}

extension PipelineFile {
  /// Says in sentences which listed labels would stand for two classes, each beside the place of a class.
  func listedLabelProblems() -> [(element: Int, problem: String)] {
    var problems: [(Int, String)] = []
    var owners: [String: (index: Int, label: String, isListed: Bool)] = [:]
    for (index, entry) in classes.enumerated() {
      let listed = listedLabels.indices.contains(index) ? listedLabels[index] : []
      let labels = listed.isEmpty ? ["\(entry.value)", entry.name] : listed
      for label in labels {
        let key = LabelKey.compared(label)
        guard let owner = owners[key] else {
          owners[key] = (index, label, !listed.isEmpty)
          continue
        }
        if owner.index == index {
          if !listed.isEmpty { problems.append((index, "'\(entry.name)' lists the label '\(label)' twice")) }
        } else if owner.isListed || !listed.isEmpty {
          let (first, second) = (
            Self.taking(label, classes[owner.index].name, owner.isListed),
            Self.taking(label, entry.name, !listed.isEmpty)
          )
          problems.append((index, "the label '\(label)' would be two classes: \(first), and \(second)"))
        }
      }
    }
    return problems
  }

  private static func taking(_ label: String, _ name: String, _ isListed: Bool) -> String {
    isListed ? "'\(name)' lists it" : "'\(name)' has it as its own value or name"
  }
}
