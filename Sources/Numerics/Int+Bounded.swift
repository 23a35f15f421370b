extension Int {
  /// Creates the whole number next to `value` towards 0, as far as numbers of pixels go; 0 for what is no
  /// number.
  ///
  /// Pixel sizes and positions come from the headers of strangers: `Int(_:)` of what they make would end the
  /// process.
  public init(bounded value: Double) {
    self = value.isNaN ? 0 : Int(Swift.min(Swift.max(value, -0x1p53), 0x1p53))
  }
}
