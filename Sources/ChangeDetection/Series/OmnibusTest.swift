import Foundation

/// The test of whether the intensities of k dates are all of one distribution, against any change between any
/// of them.
///
/// Intensities of L looks follow gamma distributions, which are complex Wishart ones of a matrix 1 x 1;
/// channels without their correlations, as Sentinel-1's GRD products hold them, are tested each on its own
/// and their statistics added.
///
/// - Source: Conradsen, Nielsen & Skriver 2016 (doi:10.1109/TGRS.2015.2510160), equations 5 to 8 with p = 1.
package struct OmnibusTest: Sendable {
  /// Equivalent number of looks.
  package let looks: Double
  /// Dates and channels.
  package let dates, channels: Int
  private let correction: Double
  private let null: WilksDistribution

  /// - Parameter looks: equivalent number of looks of the intensities as they are tested: about 4.4 for
  ///   Sentinel-1's GRD products, more after averaging.
  package init(looks: Double, dates: Int, channels: Int) {
    precondition(
      looks > 0 && dates >= 2 && channels >= 1, "\(looks) looks, \(dates) dates, \(channels) channels")
    (self.looks, self.dates, self.channels) = (looks, dates, channels)
    let k = Double(dates)
    correction = 1 - (k / looks - 1 / (k * looks)) / (6 * (k - 1))
    null = WilksDistribution(
      degrees: channels * (dates - 1),
      second: -Double(channels) * (k - 1) / 4 * (1 - 1 / correction) * (1 - 1 / correction))
  }

  /// Returns the probability of statistics as large where nothing changed.
  ///
  /// - Parameter intensities: of all dates of the first channel, then of the next, `[C, k]`; above 0.
  package func significance(_ intensities: [Double]) -> Double {
    let k = Double(dates)
    var logarithm = 0.0
    for channel in 0..<channels {
      let values = intensities[channel * dates..<(channel + 1) * dates]
      logarithm +=
        k * log(k) + values.reduce(0) { $0 + log($1) } - k * log(values.reduce(0, +))
    }
    return null.survival(-2 * correction * looks * logarithm)
  }
}

/// The test of whether the j-th date differs from those before it, which are taken to be alike.
///
/// - Source: as ``OmnibusTest``, equations 10 to 13 with p = 1.
package struct SequentialTest: Sendable {
  private let looks: Double
  private let date, channels: Int
  private let correction: Double
  private let null: WilksDistribution

  /// - Parameter date: the date in question, from 2 on.
  package init(looks: Double, date: Int, channels: Int) {
    precondition(
      looks > 0 && date >= 2 && channels >= 1, "\(looks) looks, date \(date), \(channels) channels")
    (self.looks, self.date, self.channels) = (looks, date, channels)
    let j = Double(date)
    correction = 1 - (1 + 1 / (j * (j - 1))) / (6 * looks)
    null = WilksDistribution(
      degrees: channels, second: -Double(channels) / 4 * (1 - 1 / correction) * (1 - 1 / correction))
  }

  /// Returns the probability of statistics as large where the date is like those before.
  ///
  /// - Parameters:
  ///   - sums: sums of the intensities before the date, channel by channel.
  ///   - values: intensities of the date.
  package func significance(sums: [Double], values: [Double]) -> Double {
    let j = Double(date)
    var logarithm = 0.0
    for (sum, value) in zip(sums, values) {
      logarithm +=
        j * log(j) - (j - 1) * log(j - 1) + (j - 1) * log(sum) + log(value) - j * log(sum + value)
    }
    return null.survival(-2 * correction * looks * logarithm)
  }
}

/// The distribution of -2 rho ln Q where nothing changed: chi-square, and a second term of its expansion.
private struct WilksDistribution: Sendable {
  let first, next: ChiSquare
  let second: Double

  init(degrees: Int, second: Double) {
    (first, next) = (ChiSquare(degrees: degrees), ChiSquare(degrees: degrees + 4))
    self.second = second
  }

  /// Returns the probability of a larger value.
  func survival(_ value: Double) -> Double {
    let (near, far) = (first.survival(value), next.survival(value))
    return min(1, max(0, near + second * (far - near)))
  }
}
