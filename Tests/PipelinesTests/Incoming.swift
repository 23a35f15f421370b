import Foundation
import Pipelines
import Rasters
import Runs
import Scenes
import TestRasters

/// A directory `incoming` of products with the files and metadata that tell what they are, and a pipeline over
/// Sentinel-2's surface reflectance.
struct Incoming {
  let scratch = Scratch()
  var sensor = "sentinel-2-l2a"
  var bands = "[B02, B03]"
  /// What `data` says besides.
  var data = ""
  var extra = ""

  var directory: String { scratch.file("incoming") }

  init() throws { _ = try scratch.directory("incoming") }

  func write(_ path: String, _ text: String = "x") throws {
    _ = try scratch.directory(String(("incoming/" + path)[..<("incoming/" + path).lastIndex(of: "/")!]))
    try scratch.write(text, to: "incoming/" + path)
  }

  /// Puts a Sentinel-2 product there.
  ///
  /// - Parameters:
  ///   - bands: the images that its metadata name.
  ///   - missing: those of them that are not there.
  ///   - clouds: the percentage of clouds that it states.
  func putSentinel2(
    _ name: String, in folder: String = "", bands: [String] = ["B02", "B03"], missing: [String] = [],
    clouds: Double? = nil
  ) throws {
    let words = name.split(separator: "_")
    let level = words[1].suffix(2)
    let images = "GRANULE/\(words[5])/IMG_DATA" + (level == "2A" ? "/R10m" : "")
    let suffix = level == "2A" ? "_10m" : ""
    let time = words[2]
    let day = "\(time.prefix(4))-\(time.dropFirst(4).prefix(2))-\(time.dropFirst(6).prefix(2))"
    let files = bands.map { "\(images)/\(words[5])_\(time)_\($0)\(suffix)" }
    let list = files.map { "<IMAGE_FILE>\($0)</IMAGE_FILE>" }.joined()
    let share = clouds.map { "<Cloud_Coverage_Assessment>\($0)</Cloud_Coverage_Assessment>" } ?? ""
    let product = "\(folder)\(name).SAFE"
    try write(
      "\(product)/MTD_MSIL\(level).xml",
      """
      <a><PRODUCT_URI>\(name).SAFE</PRODUCT_URI>
      <PROCESSING_BASELINE>\(words[3].dropFirst().prefix(2)).\(words[3].suffix(2))</PROCESSING_BASELINE>
      <SPACECRAFT_NAME>Sentinel-\(words[0].dropFirst())</SPACECRAFT_NAME>
      <DATATAKE_SENSING_START>\(day)T\(time.dropFirst(9).prefix(2)):\(time.dropFirst(11).prefix(2)):\(time.suffix(2)).024Z</DATATAKE_SENSING_START>
      <BOA_ADD_OFFSET band_id="1">-1000</BOA_ADD_OFFSET>\(list)\(share)</a>
      """)
    for (band, file) in zip(bands, files) where !missing.contains(band) {
      let path = file.prefixed(by: product)
      _ = try scratch.directory("incoming/" + path[..<path.lastIndex(of: "/")!])
      try scratch.raster(
        "incoming/" + path, grid: utmGrid(4, 4),
        bands: [[UInt16](repeating: 1200, count: 16)], options: .init(type: .uint16, bandNames: [""]))
    }
  }

  /// Puts a Landsat product of level 2 there.
  func putLandsat(_ name: String) throws {
    let words = name.split(separator: "_")
    let day = "\(words[3].prefix(4))-\(words[3].dropFirst(4).prefix(2))-\(words[3].suffix(2))"
    let files = (2...4).map { "\(name)_SR_B\($0).TIF" }
    try write(
      "\(name)/\(name)_MTL.txt",
      """
      GROUP = PRODUCT_CONTENTS
        PROCESSING_LEVEL = "\(words[1])"
        COLLECTION_NUMBER = \(words[5])
      \(files.enumerated().map { "  FILE_NAME_BAND_\($0.offset + 2) = \"\($0.element)\"" }.joined(separator: "\n"))
      END_GROUP = PRODUCT_CONTENTS
      GROUP = IMAGE_ATTRIBUTES
        SPACECRAFT_ID = "LANDSAT_\(words[0].last!)"
        WRS_PATH = \(words[2].prefix(3))
        WRS_ROW = \(words[2].suffix(3))
        DATE_ACQUIRED = \(day)
      END_GROUP = IMAGE_ATTRIBUTES
      """)
    for file in files { try write("\(name)/\(file)") }
  }

  func pipeline() throws -> Pipeline {
    try Pipeline.parse(
      """
      name: night
      sensor: \(sensor)
      bands: \(bands)
      data: {scenes: incoming\(data)}
      \(extra)
      stages: [train: {}, map: {}]
      """, path: "night.yaml", url: URL(fileURLWithPath: scratch.file("night.yaml")),
      stages: FakeStages.registry)
  }

  func roster() throws -> SceneRoster { try SceneRoster(for: pipeline()) }

  /// What is left out, by its path below `incoming`.
  func leftOut(_ roster: SceneRoster) -> [String: LeftOut] {
    Dictionary(
      uniqueKeysWithValues: (roster.report?.leftOut ?? []).map {
        (String($0.path.dropFirst(directory.count + 1)), $0)
      })
  }
}

extension String {
  fileprivate func prefixed(by product: String) -> String { "\(product)/\(self).tif" }
}
