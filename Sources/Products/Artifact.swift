import Foundation
import Host
import Rasters
import Runs

/// The result of a job for later jobs: its files and what they hold, its findings, and its notes for
/// people.
///
/// It lies beside the files as `artifact.json` and is read as a value: no later job needs to know the name
/// of a file, or which stage has made it. The same inputs give the same bytes: it holds no times, and no
/// paths but its files' names.
package struct Artifact: Sendable, Hashable, Codable {
  /// The name of the kind (`maps`).
  package let kind: String
  /// The subject of the job.
  package let subject: String
  /// The grid of the rasters; nil where there is none.
  package var grid: GridDescription?
  /// The files.
  package var layers: [Layer] = []
  /// The findings of the job, each key once.
  package var findings: [Finding] = []
  /// The warnings of a job that succeeded, in sentences.
  package var notes: [String] = []

  /// The name of the file.
  package static let file = "artifact.json"

  /// Creates the empty artifact of a job.
  package init(of context: JobContext) { (kind, subject) = (context.produces.name, context.subject) }

  /// Reads the artifact that a job has left.
  ///
  /// - Throws: `SystemError` or `DecodingError` where it cannot be read.
  package init(contentsOf file: URL) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = Self.spelling.decoding
    self = try decoder.decode(Artifact.self, from: RegularFile.contents(of: file.path))
  }

  /// The spelling of values that are not finite, such as the no-data of measurements: JSON has no word for
  /// them.
  fileprivate static let spelling = (
    encoding: JSONEncoder.NonConformingFloatEncodingStrategy.convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
    decoding: JSONDecoder.NonConformingFloatDecodingStrategy.convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  )

  /// Returns the first layer whose content is of a kind; nil where there is none.
  package func layer(where holds: (Layer.Content) -> Bool) -> Layer? { layers.first { holds($0.content) } }
}

/// A grid in words, for those who read an artifact without opening its rasters.
package struct GridDescription: Sendable, Hashable, Codable {
  /// Columns and rows.
  package let width, height: Int
  /// The coordinate reference system (`EPSG:32636`); WKT where no authority names it, nil where there is
  /// none.
  package let crs: String?
  /// The transform from pixel to map coordinates, as STAC's `proj:transform` lists it; nil without a
  /// position.
  package let transform: [Double]?

  /// Describes a grid.
  package init(_ grid: Grid) {
    (width, height) = (grid.width, grid.height)
    crs = grid.crs.map { $0.authority ?? $0.wkt }
    transform = grid.transform.map {
      [$0.columnX, $0.rowX, $0.originX, $0.columnY, $0.rowY, $0.originY]
    }
  }

  /// Returns the grid that is described; control points are no part of a description.
  ///
  /// - Throws: `RasterError` where the system is not understood.
  package func grid() throws(RasterError) -> Grid {
    let place = transform.map {
      GeoTransform(
        originX: $0[2], columnX: $0[0], rowX: $0[1], originY: $0[5], columnY: $0[3], rowY: $0[4])
    }
    return Grid(
      width: width, height: height, transform: place, crs: try crs.map(CRS.init))
  }
}

extension JobContext {
  /// Writes an artifact beside the files of the job, and hands it to the run.
  ///
  /// - Throws: `SystemError` where it cannot be written.
  package func leave(_ artifact: Artifact) throws -> JobResult {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = Artifact.spelling.encoding
    var text = try encoder.encode(artifact)
    text.append(UInt8(ascii: "\n"))
    try RegularFile.write(text, to: directory.appendingPathComponent(Artifact.file).path)
    return JobResult(findings: artifact.findings, warnings: artifact.notes)
  }

  /// Returns the artifact that a job before this one has left.
  ///
  /// - Throws: `OutputFailure` where it has left none; `SystemError` or `DecodingError` where it cannot be
  ///   read.
  package func artifact(of input: JobOutput) throws -> Artifact {
    try Artifact(contentsOf: file(named: Artifact.file, of: input))
  }

  /// Returns the file of a layer that a job before this one has left.
  ///
  /// - Throws: `OutputFailure` where it is not among the job's files.
  package func url(of layer: Layer, in input: JobOutput) throws -> URL {
    try file(named: layer.file, of: input)
  }

  /// Returns the first layer of a job before this one whose content is of a kind.
  ///
  /// - Parameter words: what the layer is, for the message.
  /// - Throws: `MissingLayer` where the job's artifact has none; `OutputFailure` where it is not among the
  ///   job's files.
  package func layer(_ words: String, of input: JobOutput, where holds: (Layer.Content) -> Bool) throws
    -> URL
  {
    guard let layer = try artifact(of: input).layer(where: holds) else {
      throw MissingLayer(words, job: input.job)
    }
    return try url(of: layer, in: input)
  }
}
