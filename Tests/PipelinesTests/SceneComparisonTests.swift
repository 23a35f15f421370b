import Foundation
import NumericOracles
import Numerics
import Rasters
import Tensors
import Testing

/// Pairs of one ground, of which a rectangle changed: what is reported, and what must not be.
@Suite("Scenes compared without a model", .startsCommand, .serialized)
struct SceneComparisonTests {
  private static let bands = 4
  private static let grounds = (0..<bands + 1).map { DrawnGround(seed: UInt64($0)) }

  /// Where and how a date lies.
  struct Date: Sendable {
    var width = 160
    var height = 140
    var epsg = 32632
    var pixelSize = 10.0
    /// Pixels of 10 m that the ground lies too far down and right.
    var shift = (down: 0.0, right: 0.0)
    /// Rows from the top, and a square, that hold no data.
    var hasHoles = false
    var isLater = true
    var hasPosition = true
    /// Of the control points that state a place, where there is no position.
    var longitude: Double?
  }

  /// Rows and columns of 10 m that changed.
  private static let changed = (rows: 40..<70, columns: 50..<90)

  private func write(_ name: String, _ date: Date, to site: StagesSite) throws {
    let grid = Grid(
      width: date.width, height: date.height,
      transform: date.hasPosition
        ? GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: date.pixelSize) : nil,
      crs: date.hasPosition ? try CRS.epsg(date.epsg) : nil,
      geolocation: try date.longitude.map { longitude in
        let corners = [(0, 0), (date.width, 0), (0, date.height), (date.width, date.height)]
        return Geolocation(
          controlPoints: corners.map { column, row in
            .init(
              column: Double(column), row: Double(row), x: longitude + Double(column) / 1e4,
              y: -Double(row) / 1e4)
          }, crs: try .epsg(4326))
      })
    let writer = try RasterWriter(
      path: site.url(name).path, grid: grid,
      options: .init(type: .float32, bandNames: ["a", "b", "c", "d"], noData: -9999))
    var random = RandomSource(seed: date.isLater ? 2 : 1, stream: name)
    for band in 0..<Self.bands {
      let values = (0..<date.width * date.height).map { place -> Float in
        let (row, column) = (place / date.width, place % date.width)
        if date.hasHoles && (row < 6 || (80..<110).contains(row) && (100..<130).contains(column)) {
          return -9999
        }
        let down = (Double(row) + 0.5) * date.pixelSize / 10 - 0.5 - date.shift.down
        let right = (Double(column) + 0.5) * date.pixelSize / 10 - 0.5 - date.shift.right
        let isChanged =
          date.isLater && Self.changed.rows.contains(Int(down.rounded()))
          && Self.changed.columns.contains(Int(right.rounded()))
        // What changed shows the ground of another band.
        let value = Self.grounds[isChanged ? band + 1 : band].value(down, right) + (isChanged ? 6 : 0)
        return Float((date.isLater ? 2 * value + 30 : value) + 0.3 * random.normal())
      }
      try writer.write(grid.bounds, band: band + 1, values)
    }
    try writer.close()
  }

  private func pipeline(_ site: StagesSite, _ settings: String) throws {
    try Data(
      """
      name: pair
      sensor: custom
      bands: [a, b, c, d]
      band-order: [a, b, c, d]
      data: {pairs: [{before: before.tif, after: after.tif}]}
      stages: [change-detection: {\(settings)}, geotiff: {}]
      """.utf8
    ).write(to: site.url("pair.yaml"))
  }

  private func figures(_ site: StagesSite) throws -> (findings: SummaryFindings, warnings: [String]) {
    let summary = try site.json("output/pair/runs/latest/summary.json") as? [String: Any]
    let stage = (summary?["stages"] as? [[String: Any]])?.first
    let task = (stage?["tasks"] as? [[String: Any]])?.first
    return (SummaryFindings(of: task ?? [:]), task?["warnings"] as? [String] ?? [])
  }

  /// A case of the guardrails.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let later: Date
    var align = false
    var resampling = "none"
  }

  static let cases = [
    Case(testDescription: "as it is", later: Date()),
    Case(testDescription: "clouds and borders without data", later: Date(hasHoles: true)),
    Case(
      testDescription: "0.4 pixels away", later: Date(shift: (0.4, -0.4)), align: true, resampling: "cubic"),
    Case(
      testDescription: "2.3 pixels away", later: Date(shift: (2.3, 1.2)), align: true, resampling: "cubic"),
    Case(
      testDescription: "another reference system", later: Date(width: 170, epsg: 25832),
      resampling: "bilinear"),
    Case(
      testDescription: "another resolution", later: Date(width: 320, height: 280, pixelSize: 5),
      resampling: "bilinear"),
  ]

  @Test("What changed is reported and nothing else, wherever the later date lies", arguments: cases)
  func guardrails(one: Case) throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false), to: site)
    try write("after.tif", one.later, to: site)
    try pipeline(site, "method: ir-mad, align: \(one.align)")
    let run = try site.run("pair.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let mask = try site.pixels("output/pair/products/before--after/change.tif")
    let (findings, warnings) = try figures(site)
    #expect(warnings.isEmpty && findings.text("resampling") == one.resampling, "\(warnings)")
    let shift =
      findings.rows("misregistration", by: "dates")["as-they-came"]?.compactMapValues { $0 as? Double } ?? [:]
    #expect(
      abs((shift["down"] ?? 99) - one.later.shift.down) < 0.1
        && abs((shift["right"] ?? 99) - one.later.shift.right) < 0.1, "\(shift)")
    var (hits, alarms) = (0, 0)
    let (rows, columns) = Self.changed
    for (index, value) in mask.enumerated() where value == 1 {
      let (row, column) = (index / 160, index % 160)
      if rows.contains(row) && columns.contains(column) { hits += 1 }
      // Resampling and windows of 3 x 3 pixels blur the border.
      let isNear =
        (rows.lowerBound - 4..<rows.upperBound + 4).contains(row)
        && (columns.lowerBound - 4..<columns.upperBound + 4).contains(column)
      alarms += isNear ? 0 : 1
    }
    #expect(
      hits > rows.count * columns.count * 9 / 10 && alarms == 0, "\(hits) hits, \(alarms) false alarms")
    let unseen = mask.count { $0 == 255 }
    // Cubic needs two pixels around; the shift leaves out up to three rows and two columns.
    let mostUnseen = one.resampling == "cubic" ? 7 * 160 + 6 * 140 : 700
    #expect(one.later.hasHoles ? unseen == 6 * 160 + 900 : unseen < mostUnseen, "\(unseen)")
    let changed = mask.count { $0 == 1 }
    #expect(findings.number("changed-pixels") == Double(changed))
    #expect(findings.number("changed-hectares") == Double(changed) / 100)
    let magnitude = try RasterFile(path: site.url("output/pair/products/before--after/magnitude.tif").path)
    let values: [Float] = try magnitude.readValues(magnitude.grid.bounds, band: 1)
    #expect(zip(values, mask).allSatisfy { $0.isNaN == ($1 == 255) })
    #expect(try site.run("pair.yaml", "--threads", "1", "--quiet").output.isEmpty)
    #expect(try site.statuses("pair").allSatisfy { $0.hasSuffix(": up-to-date") })
  }

  @Test(
    "Change vectors on one radiometry have a length and a direction",
    arguments: ["invariant-features", "histogram"])
  func direction(normalization: String) throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false), to: site)
    try write("after.tif", Date(), to: site)
    try pipeline(site, "method: cva, radiometric-normalisation: \(normalization)")
    let run = try site.run("pair.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let product = "output/pair/products/before--after/"
    let mask = try site.pixels(product + "change.tif")
    func magnitudes() throws -> [Float] {
      let file = try RasterFile(path: site.url(product + "magnitude.tif").path)
      return try file.readValues(file.grid.bounds, band: 1)
    }
    let onOneScale = try magnitudes()
    let direction = try RasterFile(path: site.url(product + "direction.tif").path)
    let angles: [Float] = try direction.readValues(direction.grid.bounds, band: 1)
    let (rows, columns) = Self.changed
    let inside = mask.indices.filter { rows.contains($0 / 160) && columns.contains($0 % 160) }
    #expect(Double(inside.count { mask[$0] == 1 }) / Double(inside.count) > 0.8)
    #expect(angles.allSatisfy { $0.isNaN || (0...180).contains($0) })
    #expect(
      run.output.contains("note: geotiff:before--after: no item.json: no day in the name or the metadata of ")
    )
    #expect(!FileManager.default.fileExists(atPath: site.url(product + "item.json").path))
    // All bands rise where the ground changed: by 12 on the later date's scale.
    let mean = inside.reduce(0) { $0 + Double(angles[$1]) } / Double(inside.count)
    #expect(mean < 60, "\(mean)")
    // Each date by its own deviations: the change is part of the later one's, and all of it looks smaller.
    try pipeline(site, "method: cva")
    #expect(try site.run("pair.yaml", "--threads", "1").code == 0)
    let own = try magnitudes()
    func level(_ values: [Float]) -> Double {
      inside.reduce(0) { $0 + Double(values[$1]) } / Double(inside.count)
    }
    #expect(
      normalization == "histogram" || level(onOneScale) > 1.1 * level(own),
      "\(level(onOneScale)), \(level(own))")
    #expect(onOneScale != own)
  }

  @Test("Dates that lie apart are warned of, in pictures without a position, too")
  func misregistration() throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false, hasPosition: false), to: site)
    try write("after.tif", Date(shift: (0.2, 0.8), hasPosition: false), to: site)
    try pipeline(site, "method: cva")
    #expect(try site.run("pair.yaml", "--threads", "1").code == 0)
    let warning = try #require(try figures(site).warnings.first)
    #expect(warning.hasPrefix("the dates lie 0.") && warning.contains("'align: true' moves the later scene"))
    try pipeline(site, "method: cva, align: true")
    #expect(try site.run("pair.yaml", "--threads", "1").code == 0)
    let (findings, warnings) = try figures(site)
    #expect(warnings.isEmpty && findings.text("resampling") == "cubic", "\(warnings)")
    #expect(findings.number("changed-pixels") != nil && findings.number("changed-hectares") == nil)
  }

  @Test(
    "Nothing is called change where nothing changed", arguments: ["ir-mad", "log-ratio, backscatter: dB"])
  func unchanged(method: String) throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false), to: site)
    try FileManager.default.copyItem(at: site.url("before.tif"), to: site.url("after.tif"))
    try pipeline(site, "method: \(method)")
    #expect(try site.run("pair.yaml", "--threads", "1").code == 0)
    #expect(try site.pixels("output/pair/products/before--after/change.tif").allSatisfy { $0 == 0 })
  }

  @Test("Small regions go, holes are filled, every other method and threshold runs")
  func methods() throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false), to: site)
    try write("after.tif", Date(hasHoles: true), to: site)
    for settings in [
      "method: mad, threshold: chi-square, false-alarms: 0.001, minimum-mapping-unit: 30",
      "method: cva, threshold: kittler-illingworth-tiles, minimum-mapping-unit: 30",
      "method: pca-kmeans, minimum-mapping-unit: 30", "method: cva, threshold: two-means, core: 1",
      "method: mean-ratio, backscatter: dB, despeckle: lee, looks: 4",
      "method: image-ratio, backscatter: dB, despeckle: refined-lee, threshold: otsu",
    ] {
      try pipeline(site, settings)
      let run = try site.run("pair.yaml", "--threads", "1")
      try #require(run.code == 0, "\(settings): \(run.errors)")
      let mask = try site.pixels("output/pair/products/before--after/change.tif")
      #expect(mask.count { $0 == 255 } == 6 * 160 + 900, "\(settings)")
      let inside = (40..<70).reduce(0) { sum, row in
        sum + (50..<90).count { mask[row * 160 + $0] == 1 }
      }
      if !settings.contains("ratio") { #expect(inside > 600, "\(settings): \(inside) of 1200") }
      if settings.contains("chi-square") { #expect(mask.count { $0 == 1 } < 1500, "\(settings)") }
    }
  }

  @Test("Settings that do not count, radar methods without radar, and maps that are not there are errors")
  func mistakes() throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false), to: site)
    try write("after.tif", Date(), to: site)
    for (settings, message) in [
      ("method: post-classification, align: true", "'align' counts for methods that compare scenes only"),
      ("method: cva, despeckle: lee", "'despeckle' counts for ratios and 'method: pca-kmeans' only"),
      ("method: log-ratio, backscatter: dB, looks: 4", "'looks' counts for 'despeckle: lee', 'refined-lee'"),
      (
        "method: cva, threshold: chi-square",
        "'threshold: chi-square' counts for 'method: ir-mad' or 'mad' only"
      ),
      ("method: mad, false-alarms: 0.1", "'false-alarms' counts for 'threshold: chi-square' only"),
      ("method: mean-ratio", "'method: mean-ratio' compares backscatter, 'custom' has none"),
      ("", "needs class maps: put inference before it, or choose a method that compares scenes"),
    ] {
      try pipeline(site, settings)
      let said = try site.command("validate", "pair.yaml")
      #expect(said.code == 78 && said.errors.contains(message), "\(settings): \(said.errors)")
    }
  }

  @Test("Dates on different grids without a position fail by name")
  func unplaced() throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false), to: site)
    try write("after.tif", Date(width: 150, hasPosition: false), to: site)
    try pipeline(site, "method: cva")
    let run = try site.run("pair.yaml", "--threads", "1")
    #expect(run.code == 65 && run.errors.contains("cannot bring the scene to another grid"), "\(run.errors)")
  }

  @Test("Scenes of one size whose control points state other places are not compared, by name or by date")
  func controlPoints() throws {
    let site = try StagesSite()
    try FileManager.default.createDirectory(at: site.url("incoming"), withIntermediateDirectories: true)
    let (here, there) = (
      Date(isLater: false, hasPosition: false, longitude: 20), Date(hasPosition: false, longitude: 80)
    )
    for folder in ["", "incoming/"] {
      try write("\(folder)before\(folder.isEmpty ? "" : "_20230601").tif", here, to: site)
      try write("\(folder)after\(folder.isEmpty ? "" : "_20240601").tif", there, to: site)
    }
    try pipeline(site, "method: cva")
    let run = try site.run("pair.yaml", "--threads", "1")
    #expect(run.code == 65 && run.errors.contains("say another place each"), "\(run.errors)")
    try write("after.tif", Date(hasPosition: false), to: site)
    let half = try site.run("pair.yaml", "--threads", "1")
    #expect(half.code == 65 && half.errors.contains("the other states no place"), "\(half.errors)")
    let text = try String(contentsOf: site.url("pair.yaml"), encoding: .utf8)
      .replacing(
        "data: {pairs: [{before: before.tif, after: after.tif}]}",
        with: "data: {scenes: incoming, pairing: by-date}")
    try Data(text.utf8).write(to: site.url("pair.yaml"))
    let byDate = try site.run("pair.yaml", "--threads", "1")
    #expect(byDate.code == 66 && byDate.errors.contains("'after_20240601'"), "\(byDate)")
    #expect(byDate.errors.contains("2 scenes with control points"))
    #expect(!site.holds(suffix: "change.tif"))
  }

  @Test(
    "With 'pairing: by-date' each scene is compared with the one before it of its ground; a new scene costs one comparison"
  )
  func byDate() throws {
    let site = try StagesSite()
    try FileManager.default.createDirectory(at: site.url("incoming"), withIntermediateDirectories: true)
    for day in ["20230501", "20230601"] {
      try write("incoming/s_\(day).tif", Date(isLater: day > "20230501"), to: site)
    }
    try write("incoming/elsewhere_20230710.tif", Date(epsg: 32633), to: site)
    try write("incoming/undated.tif", Date(), to: site)
    try Data("no raster".utf8).write(to: site.url("incoming/s_20230701.tif"))
    try Data(
      """
      name: dates
      sensor: custom
      bands: [a, b, c, d]
      band-order: [a, b, c, d]
      data: {scenes: incoming, pairing: by-date}
      stages: [change-detection: {method: cva}, geotiff: {}]
      """.utf8
    ).write(to: site.url("dates.yaml"))
    func products() throws -> [String] { try site.subjects(of: "dates") }
    let first = try site.run("dates.yaml", "--threads", "1")
    #expect(first.code == 3 && first.errors.contains("s_20230701"), "\(first)")
    #expect(try products() == ["s_20230501--s_20230601"])
    let summary = try site.json("output/dates/runs/latest/summary.json") as? [String: Any]
    let scenes = try #require(summary?["scenes"] as? [String: [String: Any]])
    #expect(scenes["undated"]?["status"] as? String == "unused")
    #expect((scenes["undated"]?["reason"] as? String)?.hasPrefix("neither its name") == true)
    #expect(scenes["elsewhere_20230710"]?["reason"] as? String == "no earlier scene shows its ground")

    #expect(scenes["s_20230601"]?["status"] as? String == "done")
    #expect(scenes["s_20230701"]?["status"] as? String == "quarantined")

    try write("incoming/s_20230801.tif", Date(), to: site)
    let second = try site.run("dates.yaml", "--threads", "1")
    #expect(second.code == 3)
    #expect(try products() == ["s_20230501--s_20230601", "s_20230601--s_20230801"])
    let compared = try site.statuses("dates")
    #expect(
      compared.count { $0.hasPrefix("change-detection:") && $0.hasSuffix(": done") } == 1, "\(compared)")

    let both = try site.command(
      "validate", "dates.yaml", "--set",
      "data.pairs=[{before: incoming/undated.tif, after: incoming/s_20230801.tif}]")
    #expect(both.code == 78 && both.errors.contains("give 'pairs' or 'pairing', not both"), "\(both)")
  }

  @Test("Scenes without common ground are an error that names both")
  func elsewhere() throws {
    let site = try StagesSite()
    try write("before.tif", Date(isLater: false), to: site)
    try write("after.tif", Date(epsg: 32633), to: site)
    try pipeline(site, "method: cva")
    let run = try site.run("pair.yaml", "--threads", "1")
    #expect(run.code == 65, "\(run)")
    #expect(
      run.errors.contains("after.tif: cannot compare the dates: it shows no ground that")
        && run.errors.contains("before.tif shows"), "\(run.errors)")
  }
}
