import Scenes
import Tasks

extension SceneEntry {
  /// Whether anything is known of what the scene shows.
  var isLabelled: Bool { labels != nil || shownClasses != nil }
}

extension PipelineFile {
  /// Says in sentences where labelled images do not fit the task: a class of an image says nothing of its
  /// pixels, and one class is not several.
  func imageProblems() -> [String] {
    let images = (data.source + data.target + data.test).filter { $0.shownClasses != nil }
    guard let first = images.first else { return [] }
    guard taskType.answersWholeWindows else {
      return [
        "'\(first.scene.fileName)' is labelled as a whole, which says nothing of its pixels: 'task: "
          + "\(SceneClassification.name)' learns from whole images"
      ]
    }
    guard taskType.limits.hasOneClass,
      let other = images.first(where: { ($0.shownClasses ?? []).count != 1 })
    else { return [] }
    let shown = other.shownClasses?.joined(separator: ", ") ?? ""
    return [
      "'\(other.scene.fileName)' shows \(shown.isEmpty ? "no class" : shown): 'task: "
        + "\(MultiLabelClassification.name)' learns any number of classes an image"
    ]
  }
}
