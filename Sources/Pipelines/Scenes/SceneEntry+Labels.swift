extension SceneEntry {
  /// Whether anything is known of what the scene shows.
  var isLabelled: Bool { labels != nil }
}
