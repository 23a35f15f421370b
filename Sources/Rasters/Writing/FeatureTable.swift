import Foundation

/// Writes the fields of features as a CSV.
final class FeatureTable: FeatureOutput {
  private let file: SystemFile
  private let path: String
  private var pending: [UInt8] = []
  private var written = 0

  /// Creates the file with the row of the fields' names.
  init(path: String, fields: [FeatureField]) throws(RasterError) {
    guard let file = SystemFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC) else {
      throw RasterError(
        .cannotCreate, "create the table", path: path, cause: String(cString: strerror(errno)))
    }
    (self.file, self.path) = (file, path)
    pending = Array(CommaSeparatedValues.line(of: fields.map(\.name)).utf8)
  }

  func add(_ polygon: [(x: Double, y: Double)]?, values: [FeatureValue?]) throws(RasterError) {
    let cells = values.map { value in
      switch value {
      case nil: ""
      case .integer(let number): "\(number)"
      // The shortest text that reads back as the same number.
      case .real(let number): number.isFinite ? "\(number)" : ""
      case .text(let text): text
      }
    }
    pending += Array(CommaSeparatedValues.line(of: cells).utf8)
    if pending.count > 1 << 18 { try flush() }
  }

  func close() throws(RasterError) {
    try flush()
    guard file.end() else { throw failure }
  }

  private func flush() throws(RasterError) {
    let done = pending.withUnsafeBytes { bytes in
      bytes.baseAddress.map { file.write($0, count: bytes.count, at: written) } ?? 0
    }
    guard done == pending.count else { throw failure }
    written += done
    pending.removeAll(keepingCapacity: true)
  }

  private var failure: RasterError {
    RasterError(
      file.failure?.code ?? .inputOutput, "write the table", path: path, cause: file.failure?.description)
  }
}
