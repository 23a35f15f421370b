import Rasters

/// The classes of a raster of bytes.
protocol MappedClass: CaseIterable, RawRepresentable where RawValue == UInt8 {
  /// What the class is called.
  var name: String { get }
  /// Its colour, `#rrggbb`.
  var color: String { get }
}

extension MappedClass {
  /// All classes; 0 is unlabelled.
  static var legend: Legend {
    Legend(
      entries: allCases.map { .init(value: $0.rawValue, name: $0.name, color: Color($0.color)!) }, noData: 0)
  }
}
