import Rasters

/// Knows one form in which scenes are delivered: a file, a directory of bands, the folder of a product.
///
/// A new form is a new type in ``SceneSearch/readers``, and nothing else changes.
public protocol ProductReader: Sendable {
  /// Whether its products are files that may lie among others in one directory: the reader then owns the
  /// files that it recognises, and finds their products where it opens the directory.
  var gathers: Bool { get }

  /// Returns whether a place looks like a scene of this form: by names alone, and no file is opened.
  func recognises(_ place: SceneListing) -> Bool

  /// Returns the scenes at a place that the reader has recognised: which files they are made of, and what
  /// their names or descriptions say of their bands. No pixel is read. A scene without files is none; nil
  /// where a look at the place shows that it is of another form.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput` naming the file that cannot be read.
  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]?
}

extension ProductReader {
  /// Products are places of their own.
  public var gathers: Bool { false }
}
