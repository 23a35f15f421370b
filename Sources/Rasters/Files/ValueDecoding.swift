import Foundation

/// The rule by which one stored value becomes a physical one, or none.
package struct ValueDecoding: Hashable, Sendable {
  /// The stored value that means "no data".
  package var noData: Double?
  /// The stored value of pixels that were too bright to be measured; nil where there is none.
  package var saturated: Double?
  /// Bytes of 128 and more stand for negative numbers.
  package var isSignedByte = false
  /// Floating values are compared with the no-data value up to rounding.
  package var isFloat = false
  /// Bits of a stored floating value, where they are fewer than 32.
  var floatBits: Int?
  /// Physical value for one stored step.
  package var scale = 1.0
  /// Physical value of a stored zero.
  package var offset = 0.0
  /// Decibels for a tenfold physical value, 10 of power and 20 of amplitude, where values become decibels;
  /// those that are not above 0 have none. Nil where they stay as they are.
  package var decibelsPerDecade: Double?
  /// Whether a physical value is x |x| of what scale and offset give: numbers that were stored by the root of
  /// their size.
  package var squaresWithSign = false

  /// Turns raw values into physical ones in place; what is invalid becomes NaN.
  ///
  /// The sum is formed in Double, so that 0.0001 x 12345 does not depend on how Float rounds 0.0001.
  package func decode(_ values: UnsafeMutableBufferPointer<Float>) {
    let (range, saturated) = (noDataRange, saturated ?? .nan)
    for index in values.indices {
      var raw = Double(values[index])
      if isSignedByte, raw > 127 { raw -= 256 }
      values[index] =
        range.contains(raw) || raw == saturated || !raw.isFinite ? .nan : Float(value(of: raw))
    }
    bringToDecibels(values)
  }

  /// Decodes values that need Double to be exact.
  package func decode(_ raw: UnsafeBufferPointer<Double>, into values: UnsafeMutableBufferPointer<Float>) {
    precondition(raw.count == values.count, "\(raw.count) values into \(values.count)")
    let (range, saturated) = (noDataRange, saturated ?? .nan)
    for index in raw.indices {
      let value = raw[index]
      let physical =
        range.contains(value) || value == saturated || !value.isFinite
        ? Float.nan : Float(self.value(of: value))
      values[index] = physical.isFinite ? physical : .nan
    }
    bringToDecibels(values)
  }

  /// Returns the physical value of a raw one that is a measurement, before it is brought to decibels.
  @inline(__always) package func value(of raw: Double) -> Double {
    let linear = raw * scale + offset
    return squaresWithSign ? linear * abs(linear) : linear
  }

  private func bringToDecibels(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let decibelsPerDecade else { return }
    for index in values.indices {
      let value = Double(values[index])
      values[index] = value > 0 ? Float(decibelsPerDecade * log10(value)) : .nan
    }
  }

  /// Returns whether a raw value, of bytes that are signed the signed one, is no measurement: no data,
  /// saturated, not finite, or without decibels.
  package func hides(_ raw: Double) -> Bool {
    !raw.isFinite || raw == saturated || noDataRange.contains(raw)
      || decibelsPerDecade != nil && value(of: raw) <= 0
  }

  /// Takes values as they are.
  package static let identity = ValueDecoding()

  /// Whether physical values follow from stored ones by a straight line, so that those of several pixels may
  /// be mixed before they are decoded.
  package var isLinear: Bool { !squaresWithSign }

  /// The decoding with the same scaling for values of which none is to be left out.
  package var scalingOnly: ValueDecoding {
    ValueDecoding(
      scale: scale, offset: offset, decibelsPerDecade: decibelsPerDecade, squaresWithSign: squaresWithSign)
  }

  /// The values that count as "no data": one value, or for floating bands its neighbourhood, since writers
  /// state -3.4e38 with as few digits as they like.
  private var noDataRange: NoDataRange {
    guard let noData, !noData.isNaN else { return NoDataRange(low: .infinity, high: -.infinity) }
    guard isFloat, noData.isFinite else { return NoDataRange(low: noData, high: noData) }
    let slack = abs(noData) * (abs(noData) > 1e30 ? 1e-4 : 1e-7)
    let step = shortFloatStep(at: noData)
    guard step > 0 else { return NoDataRange(low: noData - slack, high: noData + slack) }
    return NoDataRange(
      low: (noData / step).rounded(.down) * step - slack, high: (noData / step).rounded(.up) * step + slack)
  }

  /// Returns the distance between neighbouring floats of 16 or 24 bits at a value; 0 where values have more
  /// bits.
  ///
  /// The tag is written as it was given, a value as one of the two floats beside it: GDAL takes the one
  /// towards 0.
  private func shortFloatStep(at value: Double) -> Double {
    let (digits, least): (Int, Int)
    switch floatBits {
    case 16: (digits, least) = (10, -14)
    case 24: (digits, least) = (16, -62)
    default: return 0
    }
    guard value != 0 else { return 0 }
    return Double(sign: .plus, exponent: max(Int(value.exponent), least) - digits, significand: 1)
  }

  private struct NoDataRange {
    package let low: Double
    package let high: Double
    package func contains(_ value: Double) -> Bool { value >= low && value <= high }
  }
}
