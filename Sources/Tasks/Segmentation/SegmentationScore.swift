import Classes

/// The score of a class map on labels that the model has not seen: confusion matrix, calibration of the
/// probabilities, boundaries, and mapped area.
public struct SegmentationScore: Codable, Sendable {
  /// Counts of reference class against mapped class.
  public private(set) var matrix: ConfusionMatrix
  /// The calibration of the map's probabilities: probability against accuracy.
  public private(set) var calibration: Calibration
  /// Agreement near the classes' boundaries.
  public private(set) var boundary: BoundaryIoU
  /// Mapped pixels of each class, labelled or not; empty where only labelled places were mapped.
  public private(set) var mappedPixels: [Int] = []
  /// The area of a mapped pixel in square metres; nil where it is not known, or differs between scenes.
  public private(set) var pixelArea: Double?

  /// Creates a score in which no pixel is counted yet.
  public init(classes: Int) {
    matrix = ConfusionMatrix(classes: classes)
    calibration = Calibration()
    boundary = BoundaryIoU(classes: classes)
  }

  /// Counts the pixels of a region.
  ///
  /// - Parameters:
  ///   - reference: class indices row by row, ``ClassIndex/none`` where unlabelled.
  ///   - mapped: class indices, ``ClassIndex/none`` where not mapped.
  ///   - confidence: the probability of the mapped class, 0 to 1.
  ///   - width: pixels of a row.
  public mutating func add(reference: [UInt8], mapped: [UInt8], confidence: [Float], width: Int) {
    matrix.add(reference: reference, mapped: mapped)
    calibration.add(confidence: confidence, reference: reference, mapped: mapped)
    boundary.add(reference: reference, mapped: mapped, width: width, height: reference.count / max(1, width))
  }

  /// Counts pixels by their classes alone, without boundaries and probabilities.
  mutating func add(reference: [UInt8], mapped: [UInt8]) { matrix.add(reference: reference, mapped: mapped) }

  /// Counts the mapped pixels, labelled or not.
  public mutating func addMappedArea(_ mapped: [UInt8], pixelArea area: Double?) {
    let isFirst = mappedPixels.isEmpty
    if isFirst { mappedPixels = Array(repeating: 0, count: matrix.classes) }
    pixelArea = isFirst || pixelArea == area ? area : nil
    for index in mapped where index != ClassIndex.none { mappedPixels[Int(index)] += 1 }
  }

  /// Adds the counts of another part of the labels.
  public mutating func add(_ other: SegmentationScore) {
    matrix.add(other.matrix)
    calibration.add(other.calibration)
    boundary.add(other.boundary)
    guard !other.mappedPixels.isEmpty else { return }
    pixelArea = mappedPixels.isEmpty || pixelArea == other.pixelArea ? other.pixelArea : nil
    mappedPixels =
      mappedPixels.isEmpty ? other.mappedPixels : zip(mappedPixels, other.mappedPixels).map { $0 + $1 }
  }

  /// The area of each class, corrected for the map's confusions; nil where only labelled places were mapped.
  public var area: AreaEstimate? {
    mappedPixels.isEmpty
      ? nil : AreaEstimate(matrix, mappedPixels: mappedPixels, pixelArea: pixelArea ?? 1)
  }
}
