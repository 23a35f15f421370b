import Rasters

/// The classes of a raster of bytes.
protocol MappedClass: CaseIterable, RawRepresentable where RawValue == UInt8 {
  /// The name of the class.
  var name: String { get }
  /// The colour of the class, `#rrggbb`.
  var color: String { get }
}

extension MappedClass {
  /// All classes; 0 is unlabelled.
  static var legend: Legend {
    Legend(
      entries: allCases.map { .init(value: $0.rawValue, name: $0.name, color: Color($0.color)!) }, noData: 0)
  }
}
