import Foundation
import Host
import Rasters

/// A file of annotations of an image, from which known elements are taken by their paths.
struct Annotation {
  private let file: String
  private let root: XMLElement

  /// The most bytes of a file: those of an image of 25,000 lines have two million.
  static let limit = 64 << 20

  /// - Throws: as ``XMLElement/root(of:limit:attempted:)``.
  init(_ file: String) throws(RasterError) {
    self.file = file
    root = try XMLElement.root(of: file, limit: Self.limit, attempted: Self.attempted)
  }

  private static let attempted = "read the annotation"

  /// Returns an error about the file.
  func unreadable(_ cause: String) -> RasterError {
    RasterError(.unreadable, Self.attempted, path: file, cause: cause)
  }

  // MARK: - Of the whole file

  /// Returns the elements at a path; maybe none.
  func all(_ path: String) -> [XMLElement] { root.all(path) }

  /// Returns the text of the first element at a path; nil where there is none.
  func text(_ path: String) -> String? { root.first(path)?.text }

  /// Returns the time at a path.
  func time(_ path: String) throws(RasterError) -> AnnotationTime { try time(path, in: root) }

  /// Returns the number at a path.
  func number(_ path: String) throws(RasterError) -> Double { try number(path, in: root) }

  /// Returns the whole number at a path, which must be within a range.
  func count(_ path: String, in range: ClosedRange<Int>) throws(RasterError) -> Int {
    try count(path, in: root, range)
  }

  // MARK: - Of an element

  /// Returns the time at a path below an element.
  func time(_ path: String, in element: XMLElement) throws(RasterError) -> AnnotationTime {
    let text = try text(path, in: element)
    guard let time = AnnotationTime(text) else { throw strange(path, text) }
    return time
  }

  /// Returns the number at a path below an element.
  func number(_ path: String, in element: XMLElement) throws(RasterError) -> Double {
    let text = try text(path, in: element)
    guard let number = Double(text), number.isFinite else { throw strange(path, text) }
    return number
  }

  /// Returns the whole number at a path below an element, which must be within a range.
  func count(_ path: String, in element: XMLElement, _ range: ClosedRange<Int>) throws(RasterError) -> Int {
    let text = try text(path, in: element)
    guard let number = Int(text), range.contains(number) else { throw strange(path, text) }
    return number
  }

  /// Returns the numbers, with spaces between, at a path below an element.
  func numbers(_ path: String, in element: XMLElement) throws(RasterError) -> [Double] {
    let text = try text(path, in: element)
    var numbers: [Double] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      guard let number = Double(word), number.isFinite else { throw strange(path, String(word)) }
      numbers.append(number)
    }
    return numbers
  }

  private func text(_ path: String, in element: XMLElement) throws(RasterError) -> String {
    guard let found = element.first(path) else { throw unreadable("it has no \(path)") }
    return found.text
  }

  private func strange(_ path: String, _ text: String) -> RasterError {
    unreadable("\(path) is '\(text.shortened(to: 60).visibleLine)'")
  }
}
