import CGDAL
import Foundation
import Host

/// An element of an XML file, with its text and the elements within.
///
/// The parser is GDAL's, which knows XML's own five entities only and follows no address. What a document
/// type could declare is refused with it.
package struct XMLElement: Sendable, Hashable {
  /// The name without a prefix: `mode` of `s1sarl1:mode`.
  package let name: String
  /// The text directly within, without white space around it.
  package let text: String
  /// The values of attributes by name.
  package let attributes: [String: String]
  /// The elements within, in order.
  package let children: [XMLElement]

  /// Elements within each other, at most.
  package static let deepest = 64

  /// Reads a file and returns its outermost element.
  ///
  /// - Parameters:
  ///   - path: must be a regular file, and no link out of its directory.
  ///   - limit: the most bytes that are read.
  ///   - attempted: the operation in an error: "read the annotation".
  /// - Throws: `refusedPath`, `notFound` or `inputOutput`; `unreadable` for what is no XML, has a document
  ///   type, or elements deeper than ``deepest``.
  package static func root(
    of path: String, limit: Int, attempted: String
  ) throws(RasterError) -> XMLElement {
    try InputPath.checkCompanion(path, to: attempted)
    let data: Data
    do throws(SystemError) { data = try RegularFile.contents(of: path, limit: limit) } catch {
      throw RasterError(error, attempted)
    }
    guard !data.contains(0) else {
      throw RasterError(.unreadable, attempted, path: path, cause: "it is no XML in UTF-8")
    }
    return try root(inText: String(decoding: data, as: UTF8.self), of: path, attempted: attempted)
  }

  /// Returns the outermost element of a text.
  ///
  /// - Parameter path: the file that it is from, for errors.
  /// - Throws: `unreadable` for what is no XML, has a document type, or elements deeper than ``deepest``.
  static func root(inText text: String, of path: String, attempted: String) throws(RasterError) -> XMLElement
  {
    func refusal(_ cause: String) -> RasterError {
      RasterError(.unreadable, attempted, path: path, cause: cause)
    }
    guard !text.contains("<!DOCTYPE") else {
      throw refusal("it declares a document type, which is not read")
    }
    GDALLibrary.start()
    let (tree, errors) = GDALErrors.collect { CPLParseXMLString(text) }
    guard let tree else { throw refusal(errors.text ?? "it is no XML") }
    defer { CPLDestroyXMLNode(tree) }
    guard errors.messages.isEmpty else { throw refusal(errors.text ?? "it is no XML") }
    for node in siblings(from: tree) where isElement(node) {
      guard let element = XMLElement(node, depth: 1) else {
        throw refusal("its elements lie more than \(deepest) deep")
      }
      return element
    }
    throw refusal("it has no element")
  }

  /// Copies a node of GDAL's tree; nil where elements lie too deep in it.
  private init?(_ node: UnsafeMutablePointer<CPLXMLNode>, depth: Int) {
    guard depth <= Self.deepest else { return nil }
    var (text, attributes, children) = ("", [String: String](), [XMLElement]())
    for child in Self.siblings(from: node.pointee.psChild) {
      switch child.pointee.eType {
      case CXT_Text: text += Self.value(of: child)
      case CXT_Attribute:
        attributes[Self.plainName(of: child)] = child.pointee.psChild.map(Self.value) ?? ""
      case CXT_Element:
        guard let element = XMLElement(child, depth: depth + 1) else { return nil }
        children.append(element)
      default: break
      }
    }
    name = Self.plainName(of: node)
    self.text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    (self.attributes, self.children) = (attributes, children)
  }

  private static func siblings(from first: UnsafeMutablePointer<CPLXMLNode>?)
    -> [UnsafeMutablePointer<CPLXMLNode>]
  {
    var nodes: [UnsafeMutablePointer<CPLXMLNode>] = []
    var next = first
    while let node = next {
      nodes.append(node)
      next = node.pointee.psNext
    }
    return nodes
  }

  private static func isElement(_ node: UnsafeMutablePointer<CPLXMLNode>) -> Bool {
    // The declaration at the beginning of a file is an element called "?xml" to GDAL.
    node.pointee.eType == CXT_Element && !value(of: node).hasPrefix("?")
  }

  private static func value(of node: UnsafeMutablePointer<CPLXMLNode>) -> String {
    String(cString: node.pointee.pszValue)
  }

  private static func plainName(of node: UnsafeMutablePointer<CPLXMLNode>) -> String {
    let name = value(of: node)
    return name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
  }

  // MARK: - Finding elements

  /// Returns all elements at a path of names below this one, `orbitList/orbit`, in the order of the file.
  package func all(_ path: String) -> [XMLElement] {
    path.split(separator: "/").reduce([self]) { found, name in
      found.flatMap { $0.children.filter { $0.name == name } }
    }
  }

  /// Returns the first element at a path of names below this one; nil where there is none.
  package func first(_ path: String) -> XMLElement? { all(path).first }
}
