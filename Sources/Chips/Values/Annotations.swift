import Rasters

/// What is known of a region beside a class for each of its pixels; which type it is, those who read the
/// labels and the task that learns from them agree on.
package protocol Annotations: Sendable {}

/// The classes that an image shows, wherever in it.
package struct ShownClasses: Annotations, Hashable {
  /// Class indices, in the order in which the labels name them.
  package let indices: [UInt8]

  /// The classes that an image shows.
  package init(_ indices: [UInt8]) { self.indices = indices }
}

/// Where a chip of a batch comes from.
package struct ChipOrigin: Sendable {
  /// What is known of the chip's region beside the classes of its pixels.
  package let annotations: (any Annotations)?
  /// The chip's window in the region, before it was varied.
  package let window: Window
  /// How the chip's pixels lie in that window.
  package let geometry: ChipGeometry
}
