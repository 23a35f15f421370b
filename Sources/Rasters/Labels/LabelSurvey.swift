/// The labels that lie on a grid, counted by class, and the values that count for nothing.
public struct LabelSurvey: Sendable, Hashable {
  /// The unit in which labels are counted before they lie on a grid.
  public enum Unit: String, Sendable {
    /// Features of a vector file.
    case features
    /// Pixels of a raster, on the scene's grid.
    case pixels
  }

  /// The unit of the counts in ``others``.
  public internal(set) var unit: Unit
  /// Labelled pixels of the grid by class index.
  public internal(set) var pixels: [Int]
  /// Labelled pixels of the grid by class index and by the value or name that the file holds; empty unless
  /// labels are listed for a class.
  public internal(set) var origins: [Origin] = []
  /// Values that are no class, the most frequent first.
  public internal(set) var others: [LabelTally.Entry] = []
  /// Pixels of a raster that hold 0 or 255 where these are no class and no declared no-data: the usual fill,
  /// taken as unlabelled.
  public internal(set) var fill: [LabelTally.Entry] = []
  /// Features by class index whose polygons cover no pixel centre, although they lie on the grid.
  public internal(set) var uncovering: [Int]
  /// Features of the classes that lie outside the grid.
  public internal(set) var outside = 0
  /// Features without a value in the field.
  public internal(set) var withoutValue = 0
  /// Features of the classes without a geometry, or with one that cannot be read.
  public internal(set) var withoutGeometry = 0

  /// Labelled pixels that have their class by one value or name.
  public struct Origin: Sendable, Hashable {
    /// The index of the class.
    public let classIndex: Int
    /// The value or name, as the file has it.
    public let label: String
    /// The number of pixels.
    public let pixels: Int
  }

  package init(_ unit: Unit, classes: Int) {
    self.unit = unit
    pixels = Array(repeating: 0, count: classes)
    uncovering = pixels
  }
}

/// Counts the values that are no class.
public struct LabelTally: Sendable, Hashable {
  /// A value, as text, and how often it occurs.
  public struct Entry: Sendable, Hashable {
    /// The value.
    public let value: String
    /// The number of features or pixels that hold the value.
    public let count: Int
  }

  /// Values that are told apart: a raster of measurements has millions.
  private static let most = 4096
  private var counts: [String: Int] = [:]
  private var numbers: [Double: Int] = [:]
  private var further = 0

  package mutating func add(_ text: String) {
    if counts.count < Self.most || counts[text] != nil { counts[text, default: 0] += 1 } else { further += 1 }
  }

  package mutating func add(_ number: Double) {
    if numbers.count < Self.most || numbers[number] != nil {
      numbers[number, default: 0] += 1
    } else {
      further += 1
    }
  }

  /// The values, the most frequent first; what was not told apart comes last.
  package var entries: [Entry] {
    let found =
      counts.map { Entry(value: $0.key, count: $0.value) }
      + numbers.map { Entry(value: Self.text($0.key), count: $0.value) }
    let sorted = found.sorted { ($1.count, $0.value) < ($0.count, $1.value) }
    return further == 0 ? sorted : sorted + [Entry(value: "further values", count: further)]
  }

  static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
  }
}
