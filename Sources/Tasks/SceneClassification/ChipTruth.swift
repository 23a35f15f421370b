import Chips
import Classes

/// The classes that a chip is known to show: those of its image, else those that its pixels are labelled as.
struct ChipTruth {
  /// Indices of the classes that the chip shows.
  let classes: [UInt8]
  /// Whether anything is known of the chip: one without labels is not one without classes.
  let isKnown: Bool

  /// Reads the truth of a chip whose pixels have these labels.
  ///
  /// - Parameter isOneClass: whether a chip has one class: the one that prevails among its pixels.
  init(_ labels: some Collection<UInt8>, annotations: (any Annotations)?, isOneClass: Bool = false) {
    guard labels.contains(where: { $0 != ClassIndex.none }) else {
      (classes, isKnown) = ([], false)
      return
    }
    if let shown = annotations as? ShownClasses {
      (classes, isKnown) = (shown.indices, true)
    } else if isOneClass {
      let prevailing = ChipBatch.prevailing(labels)
      (classes, isKnown) = (prevailing == ClassIndex.none ? [] : [prevailing], prevailing != ClassIndex.none)
    } else {
      (classes, isKnown) = (Set(labels).subtracting([ClassIndex.none]).sorted(), true)
    }
  }

  /// Reads the truth of a chip of a batch, with all of its classes.
  init(of batch: ChipBatch, chip index: Int) {
    self.init(batch.targets(ofChip: index), annotations: batch.origins[index].annotations)
  }
}
