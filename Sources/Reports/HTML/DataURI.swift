import Foundation

/// The bytes of a picture as a part of a page.
package struct DataURI: Sendable, Hashable {
  /// The kinds of pictures that pages hold.
  package enum Kind: String, Sendable {
    case png = "image/png"
    case jpeg = "image/jpeg"
    case svg = "image/svg+xml"
  }

  /// The media type.
  let type: String
  /// The bytes.
  let base64: String

  /// Encodes a picture.
  package init(_ kind: Kind, _ bytes: Data) { (type, base64) = (kind.rawValue, bytes.base64EncodedString()) }
}
