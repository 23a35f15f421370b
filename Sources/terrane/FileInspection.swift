import Foundation

/// Something that `terrane inspect` can look into.
protocol FileInspection: Sendable {
  /// The kind of files it looks into, in the plural ("rasters"), for the message about a file that is none.
  var subject: String { get }

  /// Describes a file in lines; nil where the file is not of this kind.
  ///
  /// - Throws: where the file is of this kind and broken.
  func report(on url: URL) throws -> String?
}
