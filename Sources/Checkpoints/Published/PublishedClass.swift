import Classes

/// A class that published weights tell apart as they are, with a colour for maps of it.
public struct PublishedClass: Hashable, Sendable {
  /// The class, with the value that the publisher gives it.
  public let landClass: LandClass
  /// The colour as `#rrggbb`; publishers rarely have one.
  public let color: String

  init(_ value: UInt8, _ name: String, color: String) {
    (landClass, self.color) = (LandClass(value: value, name: name), color)
  }
}
