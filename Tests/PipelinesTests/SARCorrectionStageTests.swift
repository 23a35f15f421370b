import Foundation
import Rasters
import Testing

import struct TestRasters.DrawnRadarProduct

@Suite("The stage sar-correction", .startsCommand, .serialized)
struct SARCorrectionStageTests {
  private let name = DrawnRadarProduct.name

  /// Draws a product into `incoming`, with its heights beside that.
  private func site(_ hill: Double = 200, _ noise: DrawnRadarProduct.Noise = .azimuth) throws -> (
    site: StagesSite, product: DrawnRadarProduct
  ) {
    let site = try StagesSite()
    let product = try DrawnRadarProduct(in: site.url("incoming").path, hill: hill, noise: noise)
    try FileManager.default.moveItem(atPath: product.heights, toPath: site.url("heights.tif").path)
    return (site, product)
  }

  private let settings = "dem: heights.tif, heights: ellipsoid"

  private func scene(_ pipeline: String, _ site: StagesSite, _ file: String = "backscatter.tif") throws
    -> RasterFile
  {
    try RasterFile(path: site.url("output/\(pipeline)/products/\(name)/\(file)").path)
  }

  /// The numbers of the row of the brightest pixel of a band.
  private func brightest(_ file: RasterFile, band: Int) throws -> Float {
    try file.read(file.grid.bounds, band: band).filter { !$0.isNaN }.max() ?? .nan
  }

  @Test("A product becomes a scene in decibels on the map, that the stages after it read")
  func corrected() throws {
    let (site, product) = try site()
    try site.radarPipeline(
      "grd", data: "{scenes: incoming}",
      stages: "sar-correction: {\(settings), incidence: true}, despeckle: {filter: boxcar}")
    let checked = try site.command("validate", "grd.yaml")
    #expect(checked.code == 0, "\(checked.errors)")
    let run = try site.run("grd.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let file = try scene("grd", site)
    #expect(file.bands.map(\.description) == ["VV", "VH"] && file.bands.allSatisfy { $0.unit == "dB" })
    #expect(file.grid.crs?.authority == "EPSG:32632" && file.grid.transform?.columnX == 10)
    let squares = [3000.0, 1500].map { 10 * log10($0 * $0 / pow(product.gain(line: 150, sample: 150), 2)) }
    for (band, decibels) in squares.enumerated() {
      #expect(abs(Double(try brightest(file, band: band + 1)) - decibels) < 0.5)
    }
    // The next stage reads this scene.
    let filtered = try scene("grd", site, "despeckled.tif")
    #expect(filtered.grid.isSame(as: file.grid))
    #expect(try brightest(filtered, band: 1) > 5)
    let angles = try scene("grd", site, "incidence.tif")
    let known = try angles.read(angles.grid.bounds, band: 1).filter { !$0.isNaN }
    #expect(known.count > 100_000 && known.allSatisfy { $0 > 10 && $0 < 70 })
    let item = try #require(
      try site.json("output/grd/products/\(name)/backscatter.json") as? [String: Any])
    let properties = try #require(item["properties"] as? [String: Any])
    #expect(properties["terrane:scenes"] as? [String] == ["incoming/\(name).SAFE"])
    #expect(
      (properties["datetime"] as? String ?? properties["start_datetime"] as? String)?.hasPrefix("2023-06-14")
        == true)
    let again = try site.run("grd.yaml")
    let statuses = try site.statuses("grd")
    #expect(again.code == 0 && statuses.allSatisfy { $0.hasSuffix(": up-to-date") }, "\(statuses)")
    // Heights are a part of the key.
    let heights = try RasterFile(path: site.url("heights.tif").path)
    let raised = try heights.read(heights.grid.bounds, band: 1).map { $0 + 1 }
    let writer = try RasterWriter(
      path: site.url("heights.tif").path, grid: heights.grid, options: .init(type: .float32, bandNames: ["h"])
    )
    try writer.write(heights.grid.bounds, raised)
    try writer.close()
    let dry = try site.command("run", "grd.yaml", "--dry-run")
    #expect(dry.output.contains("sar-correction:\(name)\tto do: input 'dem' changed"), "\(dry.output)")
  }

  @Test("Without the stage a product is refused with both remedies, and so is SLC with it")
  func refused() throws {
    let (site, _) = try site()
    try site.radarPipeline("without", data: "{scenes: incoming}", stages: "despeckle: {filter: boxcar}")
    let run = try site.run("without.yaml")
    #expect(run.code == 65 || run.code == 3)
    #expect(
      run.errors.contains(
        "Sentinel-1 GRD in radar geometry: no map coordinates. Add the stage sar-correction with a DEM, or use RTC products"
      ), "\(run.errors)")
    let complex = name.replacingOccurrences(of: "GRDH", with: "SLC_")
    try FileManager.default.moveItem(
      at: site.url("incoming/\(name).SAFE"), to: site.url("incoming/\(complex).SAFE"))
    try site.radarPipeline("complex", data: "{scenes: incoming}", stages: "sar-correction: {\(settings)}")
    let other = try site.run("complex.yaml")
    #expect(other.code != 0 && other.errors.contains("Sentinel-1 SLC in radar geometry"), "\(other.errors)")
    try FileManager.default.removeItem(at: site.url("incoming/\(complex).SAFE"))
    try site.radarScene("incoming/s1_2024-03-01.tif", side: 32, seed: 1) { _, _ in 1 }
    let plain = try site.run("complex.yaml")
    #expect(
      plain.code != 0 && plain.errors.contains("it is no Sentinel-1 GRD, by its name"), "\(plain.errors)")
  }

  @Test("What lies outside the heights is no data with a line; a product wholly outside fails")
  func outside() throws {
    let (site, _) = try site()
    let heights = try RasterFile(path: site.url("heights.tif").path)
    let bounds = heights.grid.bounds
    for (name, window) in [
      ("part", Window(column: 0, row: 0, width: bounds.width / 2, height: bounds.height)),
      ("none", Window(column: 0, row: 0, width: 6, height: 6)),
    ] {
      let writer = try RasterWriter(
        path: site.url("\(name).tif").path, grid: heights.grid.forWindow(window),
        options: .init(type: .float32, bandNames: ["h"]))
      try writer.write(
        Window(column: 0, row: 0, width: window.width, height: window.height),
        try heights.read(window, band: 1))
      try writer.close()
      try site.radarPipeline(
        name, data: "{scenes: incoming}", stages: "sar-correction: {dem: \(name).tif, heights: ellipsoid}")
    }
    let part = try site.run("part.yaml")
    #expect(part.code == 0, "\(part.errors)")
    #expect(
      part.output.contains(#/DEM: \d+ % of the scene lies outside part.tif; those pixels are no data/#),
      "\(part.output)")
    let none = try site.run("none.yaml")
    #expect(none.code != 0 && none.errors.contains("none of it lies where"), "\(none.errors)")
  }

  @Test("Scenes that are not kept lie in the cache, and are read all the same")
  func notKept() throws {
    let (site, _) = try site()
    try site.radarPipeline(
      "cached", data: "{scenes: incoming}",
      stages: "sar-correction: {\(settings), keep: false, mask: []}, despeckle: {filter: boxcar}")
    let run = try site.run("cached.yaml")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try brightest(scene("cached", site, "despeckled.tif"), band: 1) > 5)
    let products = try FileManager.default.contentsOfDirectory(
      atPath: site.url("output/cached/products/\(name)").path)
    #expect(!products.contains("backscatter.tif"))
  }

  @Test(
    "An incomplete product is refused by validate with what is missing; without noise tables 'noise: keep' does"
  )
  func incomplete() throws {
    let (site, _) = try site(200, .none)
    try site.radarPipeline("noise", data: "{scenes: incoming}", stages: "sar-correction: {\(settings)}")
    let run = try site.run("noise.yaml")
    #expect(run.code != 0 && run.errors.contains("'noise: keep' does without"), "\(run.errors)")
    try site.radarPipeline(
      "kept", data: "{scenes: incoming}",
      stages: "sar-correction: {\(settings), noise: keep, method: terrain}")
    #expect(try site.run("kept.yaml").code == 0)
  }

  @Test(
    "Settings that do not fit are refused with the setting",
    arguments: [
      ("{}", "needs the heights of the ground: 'dem'"),
      ("{dem: heights.tif}", "say what the heights of 'dem' are above"),
      ("{dem: heights.tif, heights: geoid}", "needs a raster of the geoid"),
      ("{dem: heights.tif, heights: ellipsoid, geoid: heights.tif}", "counts for 'heights: geoid' only"),
      ("{dem: heights.tif, heights: ellipsoid, crs: EPSG:4326}", "is not projected"),
      ("{dem: heights.tif, heights: ellipsoid, resolution: 10}", "a length in metres with its unit"),
      ("{method: grid, mask: [layover]}", "'mask' counts for 'method: terrain' only"),
      ("{dem: incoming, heights: ellipsoid}", "no raster file in the directory"),
      ("{dem: heights.tif, heights: ellipsoid, incidence: true, keep: false}", "needs 'keep: true'"),
    ])
  func settings(text: String, message: String) throws {
    let (site, _) = try site()
    try site.radarPipeline("wrong", data: "{scenes: incoming}", stages: "sar-correction: \(text)")
    let checked = try site.command("validate", "wrong.yaml")
    #expect(checked.code == 78 && checked.errors.contains(message), "\(checked.errors)")
  }

  @Test("It stands in front of all others, and its bands are polarisations in decibels")
  func place() throws {
    let (site, _) = try site()
    try site.radarPipeline(
      "behind", data: "{scenes: incoming}",
      stages: "despeckle: {filter: boxcar}, sar-correction: {\(settings)}")
    let behind = try site.command("validate", "behind.yaml")
    #expect(behind.code == 78 && behind.errors.contains("stands behind despeckle"), "\(behind.errors)")
    try Data(
      "name: other\nsensor: sentinel-2-l2a\nbands: [B04]\ndata: {scenes: incoming}\nstages: [sar-correction: {\(settings)}]"
        .utf8
    ).write(to: site.url("other.yaml"))
    let other = try site.command("validate", "other.yaml")
    #expect(other.code == 78 && other.errors.contains("not for 'sentinel-2-l2a'"), "\(other.errors)")
    try site.radarPipeline("grid", data: "{scenes: incoming}", stages: "sar-correction: {method: grid}")
    let grid = try site.run("grid.yaml")
    #expect(grid.code == 0 && grid.output.contains("m aside for each metre"), "\(grid.output)")
  }
}
