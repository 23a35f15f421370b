import Foundation
import Radar
import Rasters
import TestRasters
import Testing

@Suite("Calibration of radar images")
struct CalibrationTests {
  let scratch = Scratch()

  private func image(
    _ product: DrawnRadarProduct, _ part: String, _ quantity: Backscatter = .sigma0, removesNoise: Bool = true
  ) throws -> CalibratedImage {
    let files = try #require(try GroundRangeFolder(product.folder).images(of: [part]).first)
    return CalibratedImage(
      try RasterFile(path: files.measurement),
      calibration: try CalibrationAnnotation.table(
        of: quantity, in: files.calibration, samples: product.samples),
      noise: removesNoise
        ? try CalibrationAnnotation.noise(in: #require(files.noise), samples: product.samples) : nil)
  }

  private func value(_ image: CalibratedImage, _ line: Int, _ sample: Int) throws -> Float {
    try image.power(Window(column: sample - 1, row: line - 1, width: 3, height: 3))[4]
  }

  @Test(
    "Sigma nought is the squared number less the noise, by the square of the table's number",
    arguments: [("VV", 150.0), ("VH", 70.0)])
  func sigmaNought(part: String, number: Double) throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0)
    let image = try image(product, part)
    let loud = try self.image(product, part, removesNoise: false)
    for (line, sample) in [(20, 30), (299, 450), (105, 249), (251, 460), (318, 470)] {
      let gain = product.gain(line: Double(line), sample: Double(sample))
      let noise = product.noise(line: Double(line), sample: Double(sample))
      let expected = (number * number - noise) / (gain * gain)
      #expect(abs(Double(try value(image, line, sample)) / expected - 1) < 1e-5, "\(line), \(sample)")
      let whole = number * number / (gain * gain)
      #expect(abs(Double(try value(loud, line, sample)) / whole - 1) < 1e-5)
    }
  }

  @Test("Gamma nought is by the other table")
  func gammaNought() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0)
    let sigma = try value(image(product, "VV"), 150, 200)
    let gamma = try value(image(product, "VV", .gamma0), 150, 200)
    #expect(abs(gamma / sigma - 1 / 0.81) < 1e-5)
  }

  @Test("The noise of older processors depends on range alone")
  func rangeNoise() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0, noise: .range)
    let gain = product.gain(line: 250, sample: 300)
    let expected = (70.0 * 70 - (3000 - 2 * 300)) / (gain * gain)
    #expect(abs(Double(try value(image(product, "VH"), 250, 300)) / expected - 1) < 1e-5)
  }

  @Test("A number of 0 is no data; power below the noise becomes the floor")
  func borderAndFloor() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0)
    let image = try image(product, "VV")
    #expect(try value(image, 100, 4).isNaN)
    let files = try GroundRangeFolder(product.folder).images[1]
    let quiet = try scratch.raster(
      "quiet.tif", grid: Grid(width: 480, height: 320), bands: [[UInt16](repeating: 40, count: 480 * 320)],
      options: .init(type: .uint16, bandNames: [""]))
    let dark = CalibratedImage(
      try RasterFile(path: quiet),
      calibration: try CalibrationAnnotation.table(of: .sigma0, in: files.calibration, samples: 480),
      noise: try CalibrationAnnotation.noise(in: #require(files.noise), samples: 480))
    #expect(try value(dark, 100, 100) == 1e-4)
  }

  @Test("Files are paired by the polarisation in their names; what is missing is said")
  func incomplete() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0, noise: .none)
    let folder = try GroundRangeFolder(product.folder)
    #expect(folder.images.map(\.polarisation) == ["VH", "VV"])
    for image in folder.images {
      let part = image.polarisation.lowercased()
      #expect(image.files.allSatisfy { $0.contains("-\(part)-") } && image.noise == nil)
    }
    let absent = #expect(throws: RasterError.self) { try folder.images(of: ["HH"]) }
    #expect(absent?.code == .missingBand && absent?.description.contains("the product has VH and VV") == true)
    try FileManager.default.removeItem(atPath: folder.images[0].calibration)
    let refusal = #expect(throws: RasterError.self) { try GroundRangeFolder(product.folder) }
    #expect(refusal?.description.contains("incomplete: calibration of VH is not there") == true)
  }

  @Test(
    "A damaged annotation is refused with the file and what is wrong in it",
    arguments: [
      ("<productType>GRD", "<productType>SLC", "of a product of type SLC"),
      ("<numberOfLines>320", "<numberOfLines>3e2", "numberOfLines is '3e2'"),
      ("</azimuthTimeInterval>", "0</azimuthTimeInterval", "unreadable"),
      ("Earth Fixed", "Earth Fixd", "frame 'Earth Fixd'"),
      ("<srgrCoefficients count=\"5\">", "<srgrCoefficients>x ", "srgrCoefficients is 'x'"),
      ("<line>106</line>", "<line>107.5</line>", "no grid of lines and samples"),
      ("<product>", "<!DOCTYPE a [<!ENTITY b \"c\">]><product>", "declares a document type"),
    ])
  func damaged(old: String, new: String, cause: String) throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0)
    let file = try GroundRangeFolder(product.folder).images[0].annotation
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let first = try #require(text.range(of: old))
    try text.replacingCharacters(in: first, with: new).write(toFile: file, atomically: false, encoding: .utf8)
    let refusal = #expect(throws: RasterError.self) { try ImageAnnotation(file) }
    #expect(refusal?.path == file)
    if cause != "unreadable" { #expect(refusal?.description.contains(cause) == true, "\(refusal!)") }
  }

  @Test("Elements that lie too deep, and what is no XML, are refused")
  func deep() throws {
    let depth = 70
    let deep = try scratch.write(
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth), to: "deep.xml")
    for (file, cause) in [
      (deep, "more than 64 deep"), (try scratch.write("no markup", to: "text.xml"), "it has no element"),
      (try scratch.write("<a><b></a>", to: "crossed.xml"), "doesn't have matching"),
      (try scratch.write("", to: "empty.xml"), "XML"),
    ] {
      let refusal = #expect(throws: RasterError.self) { try ImageAnnotation(file) }
      #expect(refusal?.code == .unreadable && refusal?.description.contains(cause) == true, "\(refusal!)")
    }
  }
}
