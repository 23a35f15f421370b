import CGDAL
import Foundation
import Host

/// The class values that a raster of labels holds, with the names and colours that the file, or a file beside
/// it, gives them.
package struct StoredClasses: Sendable {
  /// The pixels of each whole number of 0...255 that is not hidden and no declared no-data.
  package private(set) var counts: [Int: Int] = [:]
  /// Other values, the most frequent first.
  package let others: [LabelTally.Entry]
  /// Names by value.
  package let names: [Int: String]
  /// Colours by value.
  package let colors: [Int: Color]

  /// Reads a raster of one band.
  ///
  /// - Throws: `unsupported` for a raster of several bands; what opening and reading throws.
  package init(path: String) throws(RasterError) {
    let file = try RasterFile(path: path)
    guard let band = file.measuredBands.first, file.measuredBands.count == 1 else {
      throw RasterError(
        .unsupported, "read the labels", path: path,
        cause: "\(file.measuredBands.count) bands where labels have one")
    }
    var tally = LabelTally()
    var counts = [Int](repeating: 0, count: 256)
    let height = (max(64, band.blockSize.height) - 1) / band.blockSize.height + 1
    let strips = file.grid.bounds.parts(
      alongBlocks: band.blockSize, height: height * band.blockSize.height, limit: 4 << 20)
    for strip in strips {
      for value in try file.visibleValues(strip, band: band.index) where !value.isNaN && value != band.noData
      {
        if value >= 0, value <= 255, value == value.rounded() {
          counts[Int(value)] += 1
        } else {
          tally.add(value)
        }
      }
    }
    others = tally.entries
    for (value, count) in counts.enumerated() where count > 0 { self.counts[value] = count }
    names = Self.tags(of: file).merging(Self.categories(beside: path)) { $1 }
    colors = Self.palette(of: file, band: band.index)
  }

  /// Returns the names of tags as terrane writes them: `CLASS_1 = water`.
  private static func tags(of file: RasterFile) -> [Int: String] {
    var names: [Int: String] = [:]
    for (key, text) in file.metadata where key.hasPrefix("CLASS_") && !text.trimmed.isEmpty {
      if let value = Int(key.dropFirst(6)) { names[value] = text.trimmed.shortened(to: longestName) }
    }
    return names
  }

  /// Returns the names of categories in GDAL's side-car, which is read as text alone; none where it cannot
  /// be.
  private static func categories(beside path: String) -> [Int: String] {
    let sidecar = URL(fileURLWithPath: path).path + ".aux.xml"
    guard InputPath.isThere(sidecar),
      let root = try? XMLElement.root(of: sidecar, limit: 1 << 20, attempted: "read the names of categories")
    else { return [:] }
    let texts = root.all("PAMRasterBand/CategoryNames/Category").map(\.text)
    var names: [Int: String] = [:]
    for (value, text) in texts.enumerated() where !text.isEmpty {
      names[value] = text.shortened(to: longestName)
    }
    return names
  }

  /// Characters of a name that are kept.
  private static let longestName = 80

  /// Returns the entries of the band's palette that can be seen; none of one whose entries are all alike.
  private static func palette(of file: RasterFile, band: Int) -> [Int: Color] {
    guard let table = GDALGetRasterColorTable(file.dataset.band(band)) else { return [:] }
    var colors: [Int: Color] = [:]
    for value in 0..<min(256, GDALGetColorEntryCount(table)) {
      guard let entry = GDALGetColorEntry(table, value)?.pointee, entry.c4 > 0 else { continue }
      func channel(_ number: Int16) -> UInt8 { UInt8(max(0, min(255, number))) }
      colors[Int(value)] = Color(red: channel(entry.c1), green: channel(entry.c2), blue: channel(entry.c3))
    }
    return Set(colors.values).count > 1 ? colors : [:]
  }
}
