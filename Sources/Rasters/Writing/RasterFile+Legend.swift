import CGDAL

extension RasterFile {
  /// The meaning and colour of each value of a class raster as the file itself has them: names in its
  /// metadata, colours in its palette; nil of a raster that is none.
  package var legend: Legend? {
    guard let table = GDALGetRasterColorTable(dataset.band(1)) else { return nil }
    let entries = metadata.compactMap { key, name -> Legend.Entry? in
      guard key.hasPrefix("CLASS_"), let value = UInt8(key.dropFirst(6)),
        let color = GDALGetColorEntry(table, Int32(value))?.pointee
      else { return nil }
      return Legend.Entry(
        value: value, name: name,
        color: Color(
          red: UInt8(clamping: color.c1), green: UInt8(clamping: color.c2), blue: UInt8(clamping: color.c3)))
    }
    guard !entries.isEmpty else { return nil }
    return Legend(
      entries: entries.sorted { $0.value < $1.value },
      noData: bands[0].noData.flatMap(UInt8.init(exactly:)) ?? 0)
  }
}
