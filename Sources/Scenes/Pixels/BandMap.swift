/// A map of one band's physical values: straight lines between knots, and beyond the outer ones.
public struct BandMap: Hashable, Sendable {
  private let inputs: [Float]
  private let outputs: [Float]
  /// Slopes from knot to knot: one less than there are knots.
  private let slopes: [Float]
  private let (below, above): (Float, Float)

  /// One straight line through a point.
  public init(slope: Double, through point: (input: Double, output: Double)) {
    (inputs, outputs, slopes) = ([Float(point.input)], [Float(point.output)], [])
    (below, above) = (Float(slope), Float(slope))
  }

  /// `slope * value + offset`.
  public init(slope: Double, offset: Double) { self.init(slope: slope, through: (0, offset)) }

  /// Straight lines between knots; beyond the outer ones differences stay as they are.
  ///
  /// Knots of one input count as one of their mean output: where many pixels have one value, quantiles are
  /// equal.
  ///
  /// - Parameters:
  ///   - inputs: in ascending order, at least one.
  ///   - outputs: one for each, in ascending order, or the map would turn the order of values.
  public init(inputs: [Double], outputs: [Double]) {
    precondition(!inputs.isEmpty && inputs.count == outputs.count, "\(inputs.count), \(outputs.count) knots")
    var knots: [(input: Float, sum: Double, count: Double)] = []
    for (input, output) in zip(inputs, outputs) {
      if let last = knots.last, last.input >= Float(input) {
        knots[knots.count - 1].sum += output
        knots[knots.count - 1].count += 1
      } else {
        knots.append((Float(input), output, 1))
      }
    }
    let means = knots.map { $0.sum / $0.count }
    self.inputs = knots.map(\.input)
    self.outputs = means.map(Float.init)
    slopes = knots.indices.dropLast().map { index in
      Float((means[index + 1] - means[index]) / Double(knots[index + 1].input - knots[index].input))
    }
    (below, above) = (1, 1)
  }

  /// Returns the value that a value becomes.
  @inline(__always)
  public func callAsFunction(_ value: Float) -> Float {
    let last = inputs.count - 1
    if value <= inputs[0] { return outputs[0] + (value - inputs[0]) * below }
    if value >= inputs[last] { return outputs[last] + (value - inputs[last]) * above }
    var (low, high) = (0, last)
    while high - low > 1 {
      let middle = (low + high) / 2
      if inputs[middle] <= value { low = middle } else { high = middle }
    }
    return outputs[low] + (value - inputs[low]) * slopes[low]
  }
}

extension PixelBlock {
  /// Maps the valid pixels of each band; the others stay 0.
  public mutating func adjust(by maps: [BandMap]) {
    precondition(maps.count == bandCount, "\(maps.count) maps for \(bandCount) bands")
    let count = width * height
    values.withUnsafeMutableBufferPointer { values in
      valid.withUnsafeBufferPointer { valid in
        for (band, map) in maps.enumerated() {
          let line = values.baseAddress! + band * count
          for pixel in 0..<count where valid[pixel] { line[pixel] = map(line[pixel]) }
        }
      }
    }
  }
}
