import Numerics
import Rasters

/// An image of one polarisation, read as backscatter: power, in linear units.
///
/// A value of this class belongs to one thread at a time.
package final class CalibratedImage {
  /// The power of what is not brighter than the noise: -40 dB, below any ground.
  package static let floor: Float = 1e-4

  private let file: RasterFile
  private let calibration: RangeTable
  private let noise: ThermalNoise?

  /// - Parameters:
  ///   - calibration: the numbers by which amplitude is divided.
  ///   - noise: taken off before; nil where it stays.
  package init(_ file: RasterFile, calibration: RangeTable, noise: ThermalNoise?) {
    (self.file, self.calibration, self.noise) = (file, calibration, noise)
  }

  /// Reads a window: (DN^2 - noise) / A^2; NaN where DN is 0, ``floor`` where nothing is left of it.
  ///
  /// - Returns: `[H, W]`.
  package func power(_ window: Window) throws(RasterError) -> [Float] {
    let numbers: [UInt16] = try file.readValues(window, band: 1)
    var values = [Float](repeating: .nan, count: window.pixelCount)
    values.withUnsafeMutableBufferPointer { values in
      numbers.withUnsafeBufferPointer { numbers in
        nonisolated(unsafe) let values = values
        nonisolated(unsafe) let numbers = numbers
        parallelLoop(window.height) { row in
          let start = row * window.width
          var tables = [Float](repeating: 0, count: 2 * window.width)
          tables.withUnsafeMutableBufferPointer { tables in
            let gain = UnsafeMutableBufferPointer(rebasing: tables[..<window.width])
            let noise = UnsafeMutableBufferPointer(rebasing: tables[window.width...])
            calibration.write(line: window.row + row, samples: window.columns, to: gain)
            self.noise?.write(line: window.row + row, samples: window.columns, to: noise)
            for column in 0..<window.width where numbers[start + column] != 0 {
              let number = Float(numbers[start + column])
              let rest = (number * number - noise[column]) / (gain[column] * gain[column])
              values[start + column] = rest > 0 ? rest : Self.floor
            }
          }
        }
      }
    }
    return values
  }
}
