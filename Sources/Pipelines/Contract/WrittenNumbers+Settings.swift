import Scenes
import Settings

extension WrittenNumbers {
  /// The keys by which a file says what stored numbers mean.
  static let keys = ["scale", "offset", "no-data"]

  /// Reads what a mapping says of stored numbers; nil where it says nothing.
  init?(_ reader: SettingsReader) {
    let scale = reader.optionalDouble(
      "scale", in: -1e12...1e12,
      "the physical value of one stored step; wins over what products and files state")
    let offset = reader.optionalDouble(
      "offset", in: -1e12...1e12,
      "the physical value of a stored zero; wins over what products and files state")
    let noData = reader.optionalDouble(
      "no-data", in: -1e300...1e300,
      "the stored number that means no data, in any band; wins over what products and files state")
    if scale == 0 { reader.problem("scale", "a 'scale' of 0 makes all numbers one") }
    self.init(scale: scale, offset: offset, noData: noData)
  }

  /// The statement as it counts in keys.
  var canonical: JSONValue {
    .array([scale, offset, noData].map { $0.map(JSONValue.number) ?? .null })
  }
}
