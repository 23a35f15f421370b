import Rasters

/// One file of an artifact, and what it holds.
package struct Layer: Sendable, Hashable {
  /// The content of a file.
  package enum Content: Sendable, Hashable {
    /// A raster of indices of the pipeline's classes, whose values and colours the pipeline file says.
    case classIndices
    /// A raster of the values of a legend.
    case classes(Legend)
    /// A raster of whole percentages, and ``Layer/noPercentage``.
    case percent
    /// A raster with a band for each of the pipeline's classes, whose probability it holds in whole
    /// percentages that add up to 100, and ``Layer/noPercentage``.
    case probabilities
    /// A raster of measured values.
    case measurement(Measurement)
    /// A raster of the bands of a scene that something was done to.
    case scene(SceneBands)
    /// A table of texts and numbers, a CSV.
    case table
    /// Features with their geometries, a GeoPackage; the legend has the colours of the names in their field
    /// `class`, and is nil where they have none.
    case vectors(legend: Legend?)
    /// A picture to be looked at.
    case picture
    /// Weights of a network with their card.
    case model
    /// Anything else: figures, a chart, the course of a training.
    case document
  }

  /// The meaning of measured values, and their colours.
  package struct Measurement: Sendable, Hashable {
    /// The meaning of the values, in words: the name of the raster's band.
    package let meaning: String
    /// The colours of the values.
    package let ramp: ColorRamp.Kind

    /// Measured values.
    package init(_ meaning: String, shown ramp: ColorRamp.Kind) {
      (self.meaning, self.ramp) = (meaning, ramp)
    }
  }

  /// The bands of a scene, and the unit of their values.
  package struct SceneBands: Sendable, Hashable {
    /// The names of the bands, in the order of the file.
    package let bands: [String]
    /// The unit of the values of all bands.
    package let unit: String

    /// Bands of a scene.
    package init(_ bands: [String], in unit: String) { (self.bands, self.unit) = (bands, unit) }
  }

  /// The value of pixels without a percentage in a raster of bytes.
  package static let noPercentage: UInt8 = 255

  /// The layer's name; a raster's product has it as its file's name.
  package let name: String
  /// The file, relative to the artifact's directory.
  package let file: String
  /// The content of the file.
  package let content: Content
  /// The value of pixels that hold nothing; nil for a file that is no raster.
  package let noData: Double?

  /// Creates a layer.
  package init(_ name: String, file: String, _ content: Content, noData: Double? = nil) {
    (self.name, self.file, self.content, self.noData) = (name, file, content, noData)
  }

  /// Whether the file is a raster.
  package var isRaster: Bool {
    switch content {
    case .classIndices, .classes, .percent, .probabilities, .measurement, .scene: true
    case .table, .vectors, .picture, .model, .document: false
    }
  }
}

extension Layer: Codable {
  /// A layer as `artifact.json` has it: what belongs to its content lies beside the content's word.
  private struct Record: Codable {
    enum Word: String, Codable {
      case classIndices = "class-indices"
      case classes, percent, probabilities, measurement, scene, table, vectors, picture, model, document
    }

    struct Entry: Codable {
      let value: UInt8
      let name, color: String
    }

    enum CodingKeys: String, CodingKey {
      case name, file, content, legend, meaning, ramp, threshold, bands, unit
      case noData = "no-data"
    }

    var name, file: String
    var content: Word
    var noData: Double?
    var legend: [Entry]?
    var meaning: String?
    var ramp: String?
    var threshold: Double?
    var bands: [String]?
    var unit: String?
  }

  /// Reads a layer.
  package init(from decoder: any Decoder) throws {
    let record = try Record(from: decoder)
    func wrong(_ part: String) -> DecodingError {
      .dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "layer '\(record.name)' has no \(part)"))
    }
    (name, file) = (record.name, record.file)
    func legend() throws -> Legend? {
      guard let entries = record.legend, let noData = record.noData.flatMap(UInt8.init(exactly:)) else {
        return nil
      }
      return Legend(
        entries: try entries.map { entry in
          guard let color = Color(entry.color) else { throw wrong("colour '\(entry.color)'") }
          return Legend.Entry(value: entry.value, name: entry.name, color: color)
        }, noData: noData)
    }
    switch record.content {
    case .table: content = .table
    case .vectors: content = .vectors(legend: try legend())
    case .classIndices: content = .classIndices
    case .percent: content = .percent
    case .probabilities: content = .probabilities
    case .picture: content = .picture
    case .model: content = .model
    case .document: content = .document
    case .classes:
      guard let legend = try legend() else { throw wrong("legend") }
      content = .classes(legend)
    case .measurement:
      guard let meaning = record.meaning, let ramp = record.ramp,
        let kind = ColorRamp.Kind(ramp, threshold: record.threshold)
      else { throw wrong("known ramp") }
      content = .measurement(Measurement(meaning, shown: kind))
    case .scene:
      guard let bands = record.bands, let unit = record.unit else { throw wrong("bands in a unit") }
      content = .scene(SceneBands(bands, in: unit))
    }
    // A legend has a value of its own for what has no class; only a raster holds it.
    if case .vectors = content { noData = nil } else { noData = record.noData }
  }

  /// Writes the layer.
  package func encode(to encoder: any Encoder) throws {
    var record = Record(name: name, file: file, content: .document, noData: noData)
    switch content {
    case .classIndices: record.content = .classIndices
    case .percent: record.content = .percent
    case .probabilities: record.content = .probabilities
    case .picture: record.content = .picture
    case .model: record.content = .model
    case .document: record.content = .document
    case .classes(let legend):
      record.content = .classes
      record.legend = Self.entries(of: legend)
    case .table: record.content = .table
    case .vectors(let legend):
      record.content = .vectors
      record.legend = legend.map(Self.entries)
      record.noData = legend.map { Double($0.noData) }
    case .measurement(let measurement):
      record.content = .measurement
      record.meaning = measurement.meaning
      record.ramp = measurement.ramp.word
      record.threshold = measurement.ramp.threshold
    case .scene(let scene):
      record.content = .scene
      (record.bands, record.unit) = (scene.bands, scene.unit)
    }
    try record.encode(to: encoder)
  }

  private static func entries(of legend: Legend) -> [Record.Entry] {
    legend.entries.map { .init(value: $0.value, name: $0.name, color: $0.color.description) }
  }
}
