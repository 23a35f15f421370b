import Foundation
import Rasters

/// Describes a vector file for `terrane inspect`: layers, fields, and the values that classes may be called
/// by.
struct VectorInspection: FileInspection {
  let subject = "a vector file"

  func report(on url: URL) throws -> String? {
    guard LabelSource(path: url.path).isVector else { return nil }
    return try VectorReport(path: url.path).description
  }
}
