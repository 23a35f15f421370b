import Settings

/// The settings that several places of a pipeline file take alike, such as those of a training recipe.
///
/// Two settings are alike where key, kind, default and documentation are the same.
struct RepeatedSettings {
  /// The path of the place where each repeated setting comes first (`stages.fine-tune.batch`).
  private(set) var firstPlaces: [SettingDescription: String] = [:]
  /// The path of the list whose elements take each repeated group of settings first (`data.source.element`).
  private(set) var firstLists: [[SettingDescription]: String] = [:]
  private var places: [SettingDescription: String] = [:]
  private var lists: [[SettingDescription]: String] = [:]

  /// Looks through the settings of a file from top to bottom.
  init(in settings: [SettingDescription]) { look(through: settings, below: "") }

  private mutating func look(through settings: [SettingDescription], below path: String) {
    for setting in settings {
      let place = path.isEmpty ? setting.key : "\(path).\(setting.key)"
      if let first = places[setting] {
        firstPlaces[setting] = first
        continue
      }
      places[setting] = place
      if case .list(.mapping(let settings)) = setting.kind {
        if let first = lists[settings] {
          firstLists[settings] = first
        } else {
          lists[settings] = place + ".element"
        }
      }
      look(through: setting.kind.nested, below: place)
    }
  }
}
