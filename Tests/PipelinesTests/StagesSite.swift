import Checkpoints
import Classes
import Foundation
import Models
import Numerics
import Rasters
import Tensors
import Testing

/// A directory with small scenes, labels and weights that a test made, and the command run on them as cron
/// would.
final class StagesSite {
  let directory: URL
  private let executable: URL

  static let bands = ["B03", "B08"]
  static let utm = 32632

  /// Makes the directory; for tests that have the trait `startsCommand`.
  init() throws {
    executable = try #require(BuiltCommand.executable)
    directory =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-stages-\(UUID().uuidString)").standardizedFileURL
    try FileManager.default.createDirectory(
      at: directory.appendingPathComponent("incoming"), withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func url(_ name: String) -> URL { directory.appendingPathComponent(name) }

  /// What pixels a scene has.
  struct Ground {
    var width = 64
    var height = 64
    var epsg = StagesSite.utm
    var bandNames: [String] = StagesSite.bands
    /// Columns from the left that hold no data.
    var border = 3
    /// Fields are laid out anew for each number.
    var layout = 1
    /// One field of so many is water.
    var waterEvery = 3
    /// Whether the pixels have a place on the map.
    var isPlaced = true

    /// 0 for water, 1 for trees.
    func kind(_ row: Int, _ column: Int) -> Int {
      (row / 16 * 3 + column / 16 * 5 + row / 16 * column / 16 + layout) % waterEvery == 0 ? 0 : 1
    }

    var grid: Grid {
      get throws {
        Grid(
          width: width, height: height,
          transform: isPlaced ? GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10) : nil,
          crs: isPlaced ? try CRS.epsg(epsg) : nil)
      }
    }
  }

  /// Writes a scene of digital numbers: trees are bright in the last band, water is dark.
  func scene(
    _ name: String, _ ground: Ground = Ground(), gain: Double = 1, metadata: [String: String] = [:]
  ) throws {
    let writer = try RasterWriter(
      path: url(name).path, grid: ground.grid,
      options: .init(type: .uint16, bandNames: ground.bandNames, noData: 0, metadata: metadata))
    for band in ground.bandNames.indices {
      let values = (0..<ground.width * ground.height).map { place -> UInt16 in
        let (row, column) = (place / ground.width, place % ground.width)
        guard column >= ground.border else { return 0 }
        let isBright = ground.kind(row, column) == 1 && band == ground.bandNames.count - 1
        return UInt16(gain * Double((isBright ? 3000 : 600) + (row * 37 + column * 61 + band * 17) % 200))
      }
      try writer.write(ground.grid.bounds, band: band + 1, values)
    }
    try writer.close()
  }

  /// Writes a radar scene of VV and VH in decibels with four looks of speckle.
  ///
  /// - Parameter power: the mean of a pixel; nil for no data.
  func radarScene(
    _ name: String, side: Int = 96, seed: UInt64, epsg: Int = StagesSite.utm,
    power: (_ row: Int, _ column: Int) -> Double?
  ) throws {
    let grid = Grid(
      width: side, height: side, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
      crs: try CRS.epsg(epsg))
    let writer = try RasterWriter(
      path: url(name).path, grid: grid,
      options: .init(type: .float32, bandNames: ["VV", "VH"], noData: -9999))
    var random = RandomSource(seed: seed, stream: "radar scene")
    for band in 0..<2 {
      let values = (0..<side * side).map { place -> Float in
        guard let mean = power(place / side, place % side) else { return -9999 }
        // The mean of four exponential variables.
        let speckle = (0..<4).reduce(0.0) { sum, _ in sum - log(1 - random.uniform()) } / 4
        return Float(10 * log10(speckle * mean) - 12)
      }
      try writer.write(grid.bounds, band: band + 1, values)
    }
    try writer.close()
  }

  /// Writes a pipeline file over radar scenes, `<name>.yaml`.
  func radarPipeline(_ name: String, data: String, stages: String) throws {
    try Data(
      """
      name: \(name)
      sensor: sentinel-1-grd
      bands: [VV, VH]
      data: \(data)
      stages: [\(stages)]
      """.utf8
    ).write(to: url("\(name).yaml"))
  }

  /// Writes labels of a scene: 1 for water, 2 for trees where `isLabelled`, else 0.
  func labels(
    _ name: String, _ ground: Ground = Ground(), values: [UInt8] = [1, 2],
    where isLabelled: (_ row: Int, _ column: Int) -> Bool = { _, _ in true }
  ) throws {
    let writer = try RasterWriter(
      path: url(name).path, grid: ground.grid, options: .init(type: .byte, bandNames: ["class"], noData: 0))
    try writer.write(
      ground.grid.bounds,
      (0..<ground.width * ground.height).map { place -> UInt8 in
        let (row, column) = (place / ground.width, place % ground.width)
        return isLabelled(row, column) ? values[ground.kind(row, column)] : 0
      })
    try writer.close()
  }

  /// Writes weights of a U-Net over the bands, fresh from a seed but said to be trained.
  func weights(_ name: String, _ change: (inout ModelCard, inout Safetensors) -> Void = { _, _ in }) throws {
    var card = ModelCard(
      architecture: "unet", encoder: "resnet18", sensor: "sentinel-2-l2a",
      bands: Self.bands.map { .init(name: $0, wavelength: nil, mean: 0.15, deviation: 0.1) },
      classes: [.init(value: 1, name: "water"), .init(value: 2, name: "trees & <shrubs>")],
      hasTrainedHead: true)
    let path = url(name).path
    try Model(card: card, seed: 21).write(to: path)
    var file = try Safetensors(contentsOf: path)
    change(&card, &file)
    if file.metadata[ModelCard.metadataKey] != nil { file.metadata[ModelCard.metadataKey] = card.json }
    try file.write(to: path)
  }

  /// Writes a pipeline file of the two classes over the two bands, `<name>.yaml` unless said otherwise.
  func pipeline(_ name: String, file: String? = nil, data: String, stages: [String]) throws {
    let text = """
      name: \(name)
      seed: 3
      sensor: sentinel-2-l2a
      bands: [B03, B08]
      classes:
        - {value: 1, name: water, color: "#419bdf"}
        - {value: 2, name: "trees & <shrubs>", color: "#397d49"}
      data: \(data)
      chips: {size: 32, stride: 32}
      stages:
      \(stages.map { "  - \($0)" }.joined(separator: "\n"))
      """
    try Data(text.utf8).write(to: url(file ?? "\(name).yaml"))
  }

  /// Runs a pipeline file in the site's directory.
  @discardableResult
  func run(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
    try command(["run"] + arguments)
  }

  /// Runs the command in the site's directory.
  func command(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
    try command(arguments)
  }

  /// Runs a pipeline file, and asks the run to end as soon as `isReached` says so.
  func run(_ arguments: String..., terminatedOnce isReached: @escaping () -> Bool) throws -> (
    code: Int32, output: String, errors: String
  ) {
    try command(["run"] + arguments, terminatedOnce: isReached)
  }

  /// Whether some file below the site's directory has a name that ends so.
  func holds(suffix: String) -> Bool {
    let names = try? FileManager.default.subpathsOfDirectory(atPath: directory.path)
    return names?.contains { $0.hasSuffix(suffix) } ?? false
  }

  func command(_ arguments: [String], terminatedOnce isReached: (() -> Bool)? = nil) throws -> (
    code: Int32, output: String, errors: String
  ) {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ["HOME": "/tmp", "PATH": "/usr/bin:/bin"]
    process.currentDirectoryURL = directory
    let files = try ["output.txt", "errors.txt"].map { name in
      try Data().write(to: url(name))
      return try FileHandle(forWritingTo: url(name))
    }
    (process.standardOutput, process.standardError) = (files[0], files[1])
    try process.run()
    while let isReached, process.isRunning {
      if isReached() { process.terminate() }
      Thread.sleep(forTimeInterval: 0.02)
    }
    process.waitUntilExit()
    let texts = try ["output.txt", "errors.txt"].map { try String(contentsOf: url($0), encoding: .utf8) }
    return (process.terminationStatus, texts[0], texts[1])
  }

  /// `stage:subject: status` of each task of the latest run.
  func statuses(_ name: String) throws -> [String] {
    let summary = try json("output/\(name)/runs/latest/summary.json") as? [String: Any]
    return (summary?["stages"] as? [[String: Any]] ?? []).flatMap { stage in
      (stage["tasks"] as? [[String: Any]] ?? []).map {
        "\(stage["stage"] as? String ?? ""):\($0["subject"] as? String ?? ""): \($0["status"] as? String ?? "")"
      }
    }
  }

  func json(_ path: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(contentsOf: url(path)))
  }

  /// The subjects of the products of an output, beside which its catalogue lies.
  func subjects(of output: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url("output/\(output)/products").path)
      .filter { !["catalog.json", "collection.json"].contains($0) }.sorted()
  }

  /// Every pixel of a raster of bytes.
  func pixels(_ path: String) throws -> [UInt8] {
    let file = try RasterFile(path: url(path).path)
    return try file.readValues(file.grid.bounds, band: 1)
  }

  /// The content of every file below a directory, by its path.
  func contents(_ path: String) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: url(path).path)
    return Dictionary(
      uniqueKeysWithValues: try names.compactMap { name in
        let file = url(path + "/" + name)
        guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
        return (name, try Data(contentsOf: file))
      })
  }
}
