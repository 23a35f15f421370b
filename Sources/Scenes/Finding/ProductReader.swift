import Rasters

/// Knows one form in which scenes are delivered: a file, a directory of bands, the folder of a product.
///
/// A new form is a new type in ``SceneSearch/readers``, and nothing else changes.
public protocol ProductReader: Sendable {
  /// Returns whether a place looks like a scene of this form: by names alone, and no file is opened.
  func recognises(_ place: SceneListing) -> Bool

  /// Returns the scene at a place that the reader has recognised: which files it is made of, and what their
  /// names say of its bands. No pixel is read. A scene without files is none.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput` naming the file that cannot be read.
  func open(_ place: SceneListing) throws(RasterError) -> SceneSource
}
