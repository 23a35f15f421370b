import Foundation
import Products
import Rasters
import Reports
import Runs
import Settings
import Testing

@Suite("Pages of many products")
struct ManyProductsTests {
  private static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("sample-data/region-b")

  /// An output directory whose run made products of these names, all with the same files.
  private final class Output {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-many-\(UUID().uuidString)")
    let run: RecordedRun

    init(_ names: [String]) throws {
      run = SampleRun.finished(done: names)
      let first = url.appendingPathComponent("products/\(names[0])")
      try FileManager.default.createDirectory(at: first, withIntermediateDirectories: true)
      try Self.writeProduct(in: first)
      for name in names.dropFirst() {
        let place = url.appendingPathComponent("products/\(name)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for file in try FileManager.default.contentsOfDirectory(atPath: first.path) {
          try FileManager.default.linkItem(
            at: first.appendingPathComponent(file), to: place.appendingPathComponent(file))
        }
      }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a map, its confidence and the picture of its scene: the labels and the scene of the sample
    /// data.
    private static func writeProduct(in place: URL) throws {
      func path(_ name: String) -> String { place.appendingPathComponent(name).path }
      let labels = try RasterFile(
        path: ManyProductsTests.samples.appendingPathComponent("truth_2023.tif").path)
      let legend = Legend(
        entries: [
          ("water", "#419bdf"), ("trees", "#397d49"), ("c", "#e49635"), ("d", "#c4281b"), ("e", "#a59b8f"),
          ("f", "#7a87c6"),
        ].enumerated().map { .init(value: UInt8($0 + 1), name: $1.0, color: Color($1.1)!) })
      let classes: [UInt8] = try labels.readValues(labels.grid.bounds, band: 1)
      try write(classes, labels.grid, "landcover", legend, to: path("landcover.tif"))
      let shares = classes.enumerated().map { $1 == 0 ? Layer.noPercentage : UInt8(40 + $0 * 7919 % 60) }
      try write(shares, labels.grid, "confidence", nil, to: path("confidence.tif"))
      let scene = try RasterFile(
        path: ManyProductsTests.samples.appendingPathComponent("optical/s2_2023-09-02.tif").path)
      let bands = try [3, 2, 1].map { try scene.read(scene.grid.bounds, band: $0) }
      try Preview(width: scene.grid.width, height: scene.grid.height, bands: bands).write(
        to: path("scene.png"))
    }

    private static func write(
      _ values: [UInt8], _ grid: Grid, _ name: String, _ legend: Legend?, to path: String
    ) throws {
      let plain = path + ".plain"
      let writer = try RasterWriter(
        path: plain, grid: grid,
        options: .init(
          type: .byte, bandNames: [name], noData: legend == nil ? 255 : 0, legend: legend,
          unit: legend == nil ? "percent" : nil))
      try writer.write(grid.bounds, band: 1, values)
      try writer.close()
      try CloudOptimizedGeoTIFF.write(
        source: plain, to: path, legend: legend, overviews: legend == nil ? .average : .mode, metadata: [:],
        noData: legend == nil ? 255 : 0)
      try FileManager.default.removeItem(atPath: plain)
    }
  }

  @Test("One product has its scene, its map with legend and scale, and its confidence")
  func one() throws {
    let output = try Output(["a"])
    let page = WellFormed(RunPage(reading: output.run, below: output.url).page.text)
    #expect(page.error == nil && page.dangers.isEmpty)
    let alternatives = page.elements.filter { $0.name == "img" }.compactMap { $0.attributes["alt"] }
    #expect(alternatives.count == 3 && alternatives[0] == "a: the scene")
    #expect(
      alternatives[1].hasPrefix("Map of a")
        && alternatives[2].hasPrefix("Confidence of the map of a, on average "))
    #expect(page.text.contains("500 m") && page.text.contains("Mean confidence"))
  }

  @Test("A page of 500 new products is less than 20 MB; the time it takes is for benchmarks to hold")
  func many() throws {
    let output = try Output((0..<500).map { "scene-\($0)" })
    let began = ContinuousClock.now
    let text = RunPage(reading: output.run, below: output.url).page.text
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    print("500 products: \(seconds) s, \(text.utf8.count) bytes")
    #expect(text.utf8.count < 20_000_000 && seconds < 60)
    // An XML parser takes no document of this size.
    #expect(text.ranges(of: "<img ").count == 1000)
    if let place = ProcessInfo.processInfo.environment["TERRANE_REPORT"] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: place))
    }
  }

  @Test("A file that is damaged costs its own picture and is named")
  func damaged() throws {
    let output = try Output(["a", "b"])
    let map = output.url.appendingPathComponent("products/b/landcover.tif")
    try FileManager.default.removeItem(at: map)
    try Data("no raster".utf8).write(to: map)
    let page = WellFormed(RunPage(reading: output.run, below: output.url).page.text)
    #expect(page.error == nil && page.count("img") == 5 && page.text.contains("not drawn: "))
  }
}
