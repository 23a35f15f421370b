/// A YAML text in which no anchor and no alias can be: behind each `&` and `*` stands a marker that neither
/// may begin with.
///
/// A few hundred bytes of aliases can stand for gigabytes, and hashing a key that is made of them takes as
/// long, so they must be refused before anything is composed. Only libyaml itself knows for certain where `&`
/// is an indicator and where it is text: with the marker behind it the indicator is an error of its scanner,
/// and text stays text, from which ``unmarked(_:)`` takes the marker again.
struct MarkedText {
  /// A code point that is no character: Unicode keeps it free for the use inside of programs, and values that
  /// hold another one are refused.
  private static let marker: Unicode.Scalar = "\u{10FFFF}"

  private var lines: [YAMLLines.Line]
  /// The columns of the markers of each line, from 1.
  private let markers: [[Int]]

  package init(_ text: String) {
    lines = YAMLLines.split(text)
    var markers: [[Int]] = []
    for index in lines.indices {
      var (columns, marked) = ([Int](), [Unicode.Scalar]())
      for scalar in lines[index].content {
        marked.append(scalar)
        guard scalar == "&" || scalar == "*" else { continue }
        marked.append(Self.marker)
        columns.append(marked.count)
      }
      if !columns.isEmpty { lines[index].content = marked }
      markers.append(columns)
    }
    self.markers = markers
  }

  /// The text with its markers.
  package var text: String {
    String(String.UnicodeScalarView(lines.flatMap { $0.content + $0.ending }))
  }

  /// Returns the place in the text without markers of a place of the marked text.
  package func original(_ place: Location) -> Location {
    guard markers.indices.contains(place.line - 1), !markers[place.line - 1].isEmpty else { return place }
    let columns = markers[place.line - 1]
    var range = 0..<columns.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range =
        columns[middle] < place.column ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return Location(line: place.line, column: place.column - range.lowerBound)
  }

  /// Replaces the first scalar of the key at a place of the marked text (after its quote); nil where there is
  /// nothing to replace.
  package mutating func rename(at place: Location, to scalar: Unicode.Scalar) -> Unicode.Scalar? {
    guard lines.indices.contains(place.line - 1) else { return nil }
    let content = lines[place.line - 1].content
    var index = place.column - 1
    if content.indices.contains(index), content[index] == "\"" || content[index] == "'" { index += 1 }
    guard content.indices.contains(index), content[index].properties.isAlphabetic else { return nil }
    lines[place.line - 1].content[index] = scalar
    return content[index]
  }

  /// Returns a value of the marked text as it was written: without the one marker behind each `&` and `*`.
  /// Any other was written there.
  static func unmarked(_ value: String) -> String {
    guard value.unicodeScalars.contains(marker) else { return value }
    var (kept, isMarked) = (String.UnicodeScalarView(), false)
    for scalar in value.unicodeScalars {
      if !isMarked || scalar != marker { kept.append(scalar) }
      isMarked = scalar == "&" || scalar == "*"
    }
    return String(kept)
  }
}
