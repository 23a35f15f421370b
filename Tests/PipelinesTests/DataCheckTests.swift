import Chips
import Foundation
import Pipelines
import Rasters
import Runs
import Testing

/// A fault of a pipeline file that headers of its data show.
struct HeaderFault: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// What stands in the right file, and what in its place.
  let part: String
  let wrong: String
  /// Where the mistake is told, and words of it.
  let place: String
  let says: String
  var code: Int32 = 65

  static let all: [HeaderFault] = [
    HeaderFault(
      testDescription: "a scene without a band", part: "scene: scene.tif", wrong: "scene: other.tif",
      place: "7:25", says: "no band B08 among B03, B04"),
    HeaderFault(
      testDescription: "a scene that is none", part: "scene: scene.tif", wrong: "scene: torn.tif",
      place: "7:25", says: "cannot open the raster"),
    HeaderFault(
      testDescription: "a band order of another count", part: "chips:",
      wrong: "band-order: [B03, B08, B11]\nchips:", place: "7:25",
      says: "the band order names 3 bands, the file has 2"),
    HeaderFault(
      testDescription: "labels of two bands", part: "labels: labels.tif", wrong: "labels: scene.tif",
      place: "7:44", says: "2 bands where labels have one"),
    HeaderFault(
      testDescription: "labels of another place", part: "labels: labels.tif", wrong: "labels: elsewhere.tif",
      place: "7:44", says: "they lie outside of it"),
    HeaderFault(
      testDescription: "a field that is not there", part: "labels: labels.tif",
      wrong: "labels: labels.geojson, field: klass", place: "7:67",
      says: "cannot find the field 'klass': its fields are class"),
    HeaderFault(
      testDescription: "a layer that is not there", part: "labels: labels.tif",
      wrong: "labels: labels.geojson, layer: towns", place: "7:67", says: "find the layer 'towns'"),
    HeaderFault(
      testDescription: "an unlabelled scene without a band", part: "data: {",
      wrong: "data: {unlabelled: [other.tif], ", place: "7:21", says: "no band B08 among B03, B04"),
    HeaderFault(
      testDescription: "memory for no window", part: "window: 64,", wrong: "window: 64, memory: 20MiB,",
      place: "12:5", says: "inference: memory: 20 MiB do not hold the smallest windows", code: 78),
    HeaderFault(
      testDescription: "weights of another network", part: "encoder: mlp}",
      wrong: "encoder: mlp, weights: w.safetensors}", place: "10:5",
      says: "these are weights of unet with resnet18, the pipeline wants pixelwise with mlp"),
    HeaderFault(
      testDescription: "scenes to map that all lack a band", part: "scenes: incoming",
      wrong: "scenes: others",
      place: "7:66", says: "none of the scenes to map can be read as the file says, the first: "),
  ]
}

/// Scenes, labels and weights for a pipeline of a network that sees single pixels.
private func makeSite() throws -> StagesSite {
  let site = try StagesSite()
  try site.scene("scene.tif")
  try site.labels("labels.tif")
  try site.labels("elsewhere.tif", .init(epsg: 32733))
  try site.scene("other.tif", .init(bandNames: ["B03", "B04"]))
  try site.scene("incoming/a.tif", .init(layout: 2))
  try site.weights("w.safetensors")
  try Data("no raster".utf8).write(to: site.url("torn.tif"))
  try FileManager.default.createDirectory(at: site.url("others"), withIntermediateDirectories: true)
  for name in ["others/a.tif", "others/b.tif"] { try site.scene(name, .init(bandNames: ["B03", "B04"])) }
  let corners = "[[10.2, 46.8], [10.5, 46.8], [10.5, 47.1], [10.2, 47.1], [10.2, 46.8]]"
  try Data(
    """
    {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"class": "water"},
     "geometry": {"type": "Polygon", "coordinates": [\(corners)]}}]}
    """.utf8
  ).write(to: site.url("labels.geojson"))
  return site
}

private let right = """
  name: check
  sensor: sentinel-2-l2a
  bands: [B03, B08]
  classes:
    - {value: 1, name: water}
    - {value: 2, name: trees}
  data: {target: [{scene: scene.tif, labels: labels.tif}], scenes: incoming}
  chips: {size: 32, stride: 32}
  stages:
    - pretrain-load: {architecture: pixelwise, encoder: mlp}
    - fine-tune: {strategy: full, epochs: 1, validation: 0}
    - inference: {window: 64, overlap: 16}
    - geotiff:

  """

extension StagesSite {
  fileprivate func write(_ text: String) throws { try Data(text.utf8).write(to: url("check.yaml")) }
  fileprivate var hasModels: Bool {
    FileManager.default.fileExists(atPath: url("output/check/models/latest").path)
  }
}

@Suite("Headers of the data against the pipeline file", .startsCommand)
struct DataCheckTests {
  @Test(
    "What headers show is told by validate, and by run before it trains anything", arguments: HeaderFault.all)
  func fault(fault: HeaderFault) throws {
    let site = try makeSite()
    #expect(right.contains(fault.part))
    try site.write(right.replacing(fault.part, with: fault.wrong))
    for arguments in [["validate"], ["run", "--quiet"], ["run", "--dry-run"]] {
      let ending = try site.command([arguments[0], "check.yaml"] + arguments.dropFirst())
      #expect(ending.code == fault.code, "\(arguments): \(ending)")
      #expect(
        ending.errors.contains("check.yaml:\(fault.place): error: ") && ending.errors.contains(fault.says),
        "\(arguments): \(ending.errors)")
    }
    #expect(!site.hasModels)
  }

  @Test(
    "All mistakes come out at once, those of the settings with those of the data, in the order of the file")
  func allAtOnce() throws {
    let site = try makeSite()
    try site.write(
      right.replacing(
        "data: {target: [{scene: scene.tif, labels: labels.tif}], ",
        with: """
          data: {
            source: [{scene: other.tif, labels: labels.geojson, field: klass}],
            target: [{scene: scene.tif, labels: elsewhere.tif}],
            test: [{scene: torn.tif, labels: scene.tif}],

          """
      ).replacing("epochs: 1", with: "epochs: x"))
    let ending = try site.command("validate", "check.yaml")
    #expect(ending.code == 78)
    let heads = ending.errors.split(separator: "\n").filter { $0.hasPrefix("check.yaml:") }
    let lines = heads.map { Int($0.split(separator: ":")[1])! }
    #expect(lines == lines.sorted() && lines == [8, 8, 9, 10, 10, 15], "\(ending.errors)")
  }

  @Test("A scene to map that is bad costs no other; validate remarks it")
  func badScene() throws {
    let site = try makeSite()
    try site.write(right)
    try Data("no raster".utf8).write(to: site.url("incoming/torn.tif"))
    let validate = try site.command("validate", "check.yaml")
    #expect(validate.code == 0 && validate.errors.isEmpty)
    #expect(validate.output.contains("\nremark: torn will not be mapped: "), "\(validate.output)")
    #expect(
      validate.output.contains(
        "looked at: the settings; the bands, types and grids of 1 scene in data and 1 file of labels on them; "
          + "the bands, types and grids of 2 scenes to map; the memory of inference; no pixel\n"),
      "\(validate.output)")
    #expect(try site.run("check.yaml", "--quiet").code == 3)
    #expect(site.hasModels)
  }

  @Test("A new scene that is bad costs no night: those that were mapped before show that the file is right")
  func newBadScene() throws {
    let site = try makeSite()
    try site.write(
      right.replacing("data: {", with: "data: {test: [{scene: scene.tif, labels: test.tif}], ")
        .replacing(
          "  - inference", with: "  - evaluate: {split: held-out, from-scratch: false}\n  - inference"))
    try site.labels("test.tif") { row, _ in row < 32 }
    #expect(try site.run("check.yaml", "--quiet").code == 0)
    try site.labels("test.tif") { row, _ in row < 48 }
    try site.scene("incoming/bad.tif", .init(bandNames: ["B03", "B04"]))
    #expect(try site.run("check.yaml", "--dry-run").code == 0)
    let run = try site.run("check.yaml", "--quiet")
    #expect(run.code == 3 && run.errors.contains("inference:bad: "), "\(run)")
    #expect(try site.statuses("check").contains("evaluate:evaluate: done"))
  }

  @Test(
    "Of many scenes some are looked at, evenly spread, and what is left out of remarks is counted among those"
  )
  func evenSample() {
    #expect(EvenSample(Array(0..<10), most: 4).elements == [0, 2, 5, 7])
    let remarks = (0..<13).map { "scene \($0)" }
    let some = EvenSample(Array(0..<100), most: 16).shortened(remarks, to: 3)
    #expect(some == remarks.prefix(3) + ["10 more of the 16 looked at are like that"])
    #expect(EvenSample(remarks, most: 16).shortened(remarks, to: 12).last == "1 more is like that")
    #expect(EvenSample(remarks, most: 16).shortened(remarks, to: 13) == remarks)
  }

  @Test("An entry that no task reads stops no run")
  func unread() throws {
    let site = try makeSite()
    try site.write(right.replacing("data: {", with: "data: {test: [{scene: torn.tif, labels: labels.tif}], "))
    #expect(try site.command("validate", "check.yaml").code == 65)
    #expect(try site.run("check.yaml", "--quiet").code == 0)
  }

  @Test("Nothing is looked at where nothing is to be done")
  func upToDate() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "a")
    var looked: [[String]] = []
    func run() throws {
      try Runner.prepare(output: site.output)
      var runner = Runner(output: site.output, runID: RunRecord.newID(), threads: 1)
      runner.preflight = { looked.append($0.map(\.stage)) }
      _ = try runner.run(try site.plan(), ledger: Ledger(output: site.output))
    }
    try run()
    try run()
    #expect(looked == [["train", "map", "publish"]])
    try site.write("incoming/b.txt", "b")
    try run()
    #expect(looked.last == ["map", "publish"])
  }

  @Test("Numbers that are not the sensor's are told with file, bands and range by training and mapping")
  func strangeNumbers() throws {
    let site = try makeSite()
    // As of 8 bits: at most 160.
    try site.scene("scene.tif", gain: 0.05)
    try site.scene("incoming/dark.tif", gain: 0.05)
    try site.write(right)
    let run = try site.run("check.yaml")
    #expect(run.code == 0)
    let notes = run.output.split(separator: "\n").filter {
      $0.contains("reflectance of next to nothing (B03 from 0.00")
    }
    #expect(notes.contains { $0.contains("fine-tune: scene.tif: ") }, "\(run.output)")
    #expect(notes.contains { $0.contains("inference:dark: dark.tif: ") }, "\(run.output)")
    #expect(notes.count == 2, "\(run.output)")
  }

  @Test("Eight bits under a sensor of reflectance are told by their type alone")
  func bytes() throws {
    let site = try makeSite()
    let grid = try StagesSite.Ground().grid
    let writer = try RasterWriter(
      path: site.url("scene.tif").path, grid: grid, options: .init(type: .byte, bandNames: StagesSite.bands))
    for band in 1...2 {
      try writer.write(grid.bounds, band: band, [UInt8](repeating: 80, count: grid.width * grid.height))
    }
    try writer.close()
    try site.write(right)
    let said = try site.command("validate", "check.yaml")
    #expect(said.code == 0)
    #expect(
      said.output.contains(
        "\nremark: scene.tif, band 1: 8-bit numbers, which sentinel-2-l2a makes reflectance of 0 to 0.0255; "),
      "\(said.output)")
  }
}
