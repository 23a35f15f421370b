import CGDAL
import Foundation
import Host

/// The errors that GDAL raises on this thread while one call runs.
///
/// GDAL reports through a handler and a per-thread "last error"; the first failure is usually the telling one
/// ("No space left on device") and the last a consequence of it, so all of them are kept in order.
package final class GDALErrors {
  private(set) var messages: [String] = []

  /// The distinct messages, first cause first, on one line; nil where GDAL said nothing.
  package var text: String? {
    guard !messages.isEmpty else { return nil }
    var seen = Set<String>()
    return messages.filter { seen.insert($0).inserted }.prefix(3).joined(separator: "; ")
  }

  /// Runs `body` with GDAL's failures of this thread collected instead of printed.
  static func collect<Result>(_ body: () -> Result) -> (result: Result, errors: GDALErrors) {
    let errors = GDALErrors()
    CPLErrorReset()
    let context = Unmanaged.passUnretained(errors).toOpaque()
    CPLPushErrorHandlerEx(
      { severity, _, message in
        guard severity.rawValue >= CE_Failure.rawValue, let message,
          let context = CPLGetErrorHandlerUserData()
        else { return }
        let text = String(cString: message).replacing("\n", with: " ")
          .replacing(WatchedFiles.prefix, with: "").shortened(to: 1_000)
        Unmanaged<GDALErrors>.fromOpaque(context).takeUnretainedValue().messages.append(text)
      }, context)
    let result = withExtendedLifetime(errors) { body() }
    CPLPopErrorHandler()
    return (result, errors)
  }

  /// Runs a GDAL call and turns its failure into a `RasterError`.
  ///
  /// - Parameters:
  ///   - code: what a failure means unless its message shows a full disk or a failing medium.
  ///   - body: returns nil where the call failed.
  ///   - strict: whether any error that GDAL raised counts as a failure, even if the call says it succeeded
  ///     (needed when closing: `GDALClose` returns nothing).
  package static func attempt<Result>(
    _ attempted: @autoclosure () -> String, path: String?, code: RasterError.Code, strict: Bool = false,
    _ body: () -> Result?
  ) throws(RasterError) -> Result {
    let (result, errors) = collect(body)
    if let result, !strict || errors.messages.isEmpty { return result }
    throw RasterError(errors.systemCode ?? code, attempted(), path: path, cause: errors.text)
  }

  /// Tells a full disk and a failing medium from bad data by the system's own words in the messages.
  var systemCode: RasterError.Code? {
    let all = messages.joined(separator: "\n")
    // SQLite has words of its own.
    let full = [ENOSPC, EDQUOT].map { String(cString: strerror($0)) } + ["database or disk is full"]
    if full.contains(where: { all.contains($0) }) { return .diskFull }
    let system = [EIO, EMFILE, ENFILE, EFBIG, EACCES, EROFS, ENOMEM].map { String(cString: strerror($0)) }
    return system.contains { all.contains($0) } ? .inputOutput : nil
  }
}
