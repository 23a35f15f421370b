/// A product as its name and its metadata describe it; no pixel is read for it.
public struct Delivery: Sendable, Hashable {
  /// The instrument and level; nil where nothing says them.
  public var product: ProductName?
  /// The satellite: `Sentinel-2A`, `Landsat 8`; nil where nothing says it.
  public var platform: String?
  /// The day that it shows; nil where nothing says it.
  public var day: Day?
  /// The time that it was taken at, UTC, as `2023-06-14T10:26:01Z`; nil where nothing says it.
  public var time: String?
  /// The piece of ground that the products of one grid have in common: the tile `T32UPU`, Landsat's path and
  /// row `193026`; nil where nothing says it.
  public var ground: String?
  /// The version of the processing: the baseline `05.09`, the collection `2`; nil where nothing says it.
  public var version: String?
  /// The share of clouds that it states, of 1; nil where it states none.
  public var cloudShare: Double?
  /// The number of files that its metadata name, and the paths of those that are not there.
  public var files: (named: Int, missing: [String]) {
    get { (namedFileCount, missingFiles) }
    set { (namedFileCount, missingFiles) = newValue }
  }
  /// The statements of its metadata that count for nothing, a sentence each.
  public var notes: [String] = []
  private var namedFileCount = 0
  private var missingFiles: [String] = []

  /// Creates the description of a product of which a name is known at most.
  public init(product: ProductName? = nil, ground: String? = nil) {
    (self.product, self.ground) = (product, ground)
  }
}

extension Delivery {
  /// Says which of the files that the metadata name are not there; nil where all are.
  ///
  /// - Parameter first: those of them that are named before the others.
  public func incompleteness(first: [String] = []) -> String? {
    let missing = first + files.missing.filter { !first.contains($0) }
    guard !missing.isEmpty else { return nil }
    let names = missing.prefix(3).map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    return "incomplete: \(missing.count) of \(files.named) files that its metadata name are not there ("
      + names.joined(separator: ", ") + (missing.count > 3 ? ", ...)" : ")")
  }

  /// Returns the ground in the name of a product of Sentinel-2, HLS or Landsat, or of an image of one; nil
  /// elsewhere.
  static func ground(inName name: String) -> String? {
    let hasTile = name.hasPrefix("S2") || name.hasPrefix("HLS.") || name.hasPrefix("T")
    return hasTile ? tile(name) : landsatGround(name)
  }

  /// Returns Landsat's path and row in the name of a product: `LC08_L2SP_193026_...`, `LT51690601988227...`.
  static func landsatGround(_ name: String) -> String? {
    guard name.hasPrefix("L") else { return nil }
    if let match = name.firstMatch(of: /^L[COTEM]0\d_[A-Z0-9]{4}_(\d{6})_/.asciiOnlyDigits()) {
      return String(match.1)
    }
    return name.firstMatch(of: /^L[COTEM]\d(\d{6})(?:19|20)\d{5}/.asciiOnlyDigits()).map { String($0.1) }
  }

  /// Returns the tile of the Military Grid in the name of a product, `T32UPU`.
  static func tile(_ name: String) -> String? {
    name.firstMatch(of: /(?:^|[._])(T\d\d[A-Z]{3})(?:[._]|$)/.asciiOnlyDigits()).map { String($0.1) }
  }
}

/// The statements of a product about the stored numbers of a band.
public struct StatedBand: Sendable, Hashable {
  /// The rule by which they become physical; nil where the product states none.
  public let scaling: StoredScaling?
  /// The number that means no data; nil where the product states none.
  public let noData: Double?
  /// The number of pixels that were too bright to be measured; nil where the product states none.
  public let saturated: Double?
  /// The reason why the rule cannot be told, a clause; nil where it can.
  let doubt: String?

  /// Creates the statements about a band.
  public init(scaling: StoredScaling? = nil, noData: Double? = nil, saturated: Double? = nil) {
    (self.scaling, self.noData, self.saturated, doubt) = (scaling, noData, saturated, nil)
  }

  /// Creates the statements about a band of which the rule may be in doubt.
  init(scaling: StoredScaling?, noData: Double?, doubt: String?) {
    (self.scaling, self.noData, saturated, self.doubt) = (scaling, noData, nil, doubt)
  }
}

/// A user's statement about the stored numbers of a scene; it wins over all that products and files state.
public struct WrittenNumbers: Sendable, Hashable {
  /// Physical value for one stored step; nil where it is not stated.
  public let scale: Double?
  /// Physical value of a stored zero; nil where it is not stated.
  public let offset: Double?
  /// The stored number that means no data, in any band; nil where it is not stated.
  public let noData: Double?

  /// Creates a statement; nil where nothing is stated.
  public init?(scale: Double?, offset: Double?, noData: Double?) {
    if scale == nil && offset == nil && noData == nil { return nil }
    (self.scale, self.offset, self.noData) = (scale, offset, noData)
  }
}

/// The rule by which stored numbers of a band become physical ones: scale x stored + offset.
public struct StoredScaling: Sendable, Hashable, CustomStringConvertible {
  /// Physical value for one stored step.
  public let scale: Double
  /// Physical value of a stored zero.
  public let offset: Double

  /// Creates a rule.
  public init(scale: Double, offset: Double) { (self.scale, self.offset) = (scale, offset) }

  /// "0.0001 x stored - 0.1".
  public var description: String {
    let sign = offset < 0 ? "-" : "+"
    return (scale == 1 ? "stored" : "\(Self.words(scale)) x stored")
      + (offset == 0 ? "" : " \(sign) \(Self.words(abs(offset)))")
  }

  private static func words(_ number: Double) -> String {
    let text = "\(Float(number))"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Returns whether both give the same numbers but for rounding.
  func agrees(with other: StoredScaling) -> Bool {
    abs(scale - other.scale) <= 1e-6 * abs(scale)
      && abs(offset - other.offset) <= 1e-6 * max(abs(offset), abs(scale))
  }
}
