import Rasters

/// The classes of the sample maps, in the colours of ESA WorldCover's relatives.
enum LandCover: UInt8, MappedClass {
  case water = 1
  case trees
  case cropland
  case builtUp
  case bare
  case wetland

  var name: String {
    switch self {
    case .water: "water"
    case .trees: "trees"
    case .cropland: "cropland"
    case .builtUp: "built-up"
    case .bare: "bare"
    case .wetland: "wetland"
    }
  }

  var color: String {
    switch self {
    case .water: "#419bdf"
    case .trees: "#397d49"
    case .cropland: "#e4c35a"
    case .builtUp: "#c4281b"
    case .bare: "#a59b8f"
    case .wetland: "#7a87c6"
    }
  }

  /// The values of the reference for change.
  static let changeLegend = Legend(
    entries: [
      .init(value: 1, name: "no change", color: Color("#d9d9d9")!),
      .init(value: 2, name: "change", color: Color("#d7191c")!),
    ], noData: 0)
}
