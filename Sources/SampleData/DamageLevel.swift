/// The damage of the building at a place by an earthquake, in the four steps of emergency mapping.
enum DamageLevel: UInt8, MappedClass {
  case noBuilding = 1
  case none
  case minor
  case major
  case destroyed

  var name: String {
    switch self {
    case .noBuilding: "no building"
    case .none: "no damage"
    case .minor: "minor damage"
    case .major: "major damage"
    case .destroyed: "destroyed"
    }
  }

  var color: String {
    switch self {
    case .noBuilding: "#d9d9d9"
    case .none: "#1a9641"
    case .minor: "#fee08b"
    case .major: "#f46d43"
    case .destroyed: "#a50026"
    }
  }
}
