import Rasters

/// The reading of the tables by which numbers of an image become backscatter.
package enum CalibrationAnnotation {
  /// Reads the numbers by which amplitude is divided.
  ///
  /// - Parameter samples: of a line of the image.
  /// - Throws: `unreadable` naming the file.
  package static func table(
    of quantity: Backscatter, in file: String, samples: Int
  ) throws(RasterError) -> RangeTable {
    let annotation = try Annotation(file)
    let rows = try rows(
      of: annotation.all("calibrationVectorList/calibrationVector"), quantity.calibration, annotation)
    guard let table = RangeTable(rows, samples: samples) else {
      throw annotation.unreadable("its calibration vectors are none, or are not in the order of lines")
    }
    guard rows.allSatisfy({ $0.values.allSatisfy { $0 > 0 } }) else {
      throw annotation.unreadable("a number of \(quantity.calibration) is not above 0")
    }
    return table
  }

  /// Reads the noise of the receiver, in the form of any version of the processor.
  ///
  /// - Parameter samples: of a line of the image.
  /// - Throws: `unreadable` naming the file.
  package static func noise(in file: String, samples: Int) throws(RasterError) -> ThermalNoise {
    let annotation = try Annotation(file)
    let byRange = annotation.all("noiseRangeVectorList/noiseRangeVector")
    let rows =
      byRange.isEmpty
      ? try rows(of: annotation.all("noiseVectorList/noiseVector"), "noiseLut", annotation)
      : try rows(of: byRange, "noiseRangeLut", annotation)
    guard let range = RangeTable(rows, samples: samples) else {
      throw annotation.unreadable(
        "its noise vectors are none, or are not in the order of lines; 'noise: keep' does without")
    }
    var blocks: [ThermalNoise.Block] = []
    for element in annotation.all("noiseAzimuthVectorList/noiseAzimuthVector") {
      // Those of stripmap products hold for the whole image, and state no block.
      let isWhole = element.first("firstAzimuthLine") == nil
      func bound(_ name: String, _ value: Int) throws(RasterError) -> Int {
        isWhole ? value : try annotation.count(name, in: element, -1_000_000...1_000_000)
      }
      let lines = try (bound("firstAzimuthLine", 0), bound("lastAzimuthLine", 1_000_000))
      let columns = try (bound("firstRangeSample", 0), bound("lastRangeSample", samples - 1))
      guard lines.0 <= lines.1, columns.0 <= columns.1,
        let block = ThermalNoise.Block(
          lines: lines.0..<lines.1 + 1, samples: columns.0..<columns.1 + 1,
          places: try annotation.numbers("line", in: element),
          factors: try annotation.numbers("noiseAzimuthLut", in: element))
      else {
        throw annotation.unreadable("a vector of noise by azimuth has lines and numbers that do not fit")
      }
      blocks.append(block)
    }
    return ThermalNoise(range: range, blocks: blocks)
  }

  private static func rows(
    of elements: [XMLElement], _ name: String, _ annotation: Annotation
  ) throws(RasterError) -> [RangeTable.Row] {
    var rows: [RangeTable.Row] = []
    for element in elements {
      let line = try annotation.number("line", in: element)
      guard
        let row = RangeTable.Row(
          line: line, samples: try annotation.numbers("pixel", in: element),
          values: try annotation.numbers(name, in: element))
      else { throw annotation.unreadable("pixel and \(name) of line \(line) do not fit") }
      rows.append(row)
    }
    return rows
  }
}

/// A measure of what the ground sends back.
package enum Backscatter: String, CaseIterable, Sendable {
  /// Per area on the ground, of a flat earth.
  case sigma0
  /// Per area across the line of sight, of a flat earth.
  case gamma0

  /// The name of its numbers in calibration files.
  var calibration: String { self == .sigma0 ? "sigmaNought" : "gamma" }
}
