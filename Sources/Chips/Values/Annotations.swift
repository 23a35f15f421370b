import Rasters

/// Labels of a region other than a class for each of its pixels; the reader of the labels and the task that
/// learns from them agree on the type.
package protocol Annotations: Sendable {}

/// The classes that an image shows, wherever in it.
package struct ShownClasses: Annotations, Hashable {
  /// Class indices, in the order in which the labels name them.
  package let indices: [UInt8]

  /// The class that every pixel of the image is labelled with, which says that the image is labelled and
  /// decides how it is dealt to folds: the first of the classes, and the first of all of an image that shows
  /// none.
  package var pixelLabel: UInt8 { indices.first ?? 0 }

  /// Creates the classes that an image shows.
  package init(_ indices: [UInt8]) { self.indices = indices }
}

/// The origin of a chip of a batch.
package struct ChipOrigin: Sendable {
  /// The annotations of the chip's region beside the classes of its pixels.
  package let annotations: (any Annotations)?
  /// The chip's window in the region, before it was varied.
  package let window: Window
  /// The geometry of the chip's pixels in that window.
  package let geometry: ChipGeometry
}
