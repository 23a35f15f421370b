/// The root mean square of several planes; not observed where one of them is not.
package struct JointMagnitude: PlaneSource {
  private let sources: [any PlaneSource]
  package let width, height: Int

  /// Creates the magnitude of at least one plane.
  package init(_ sources: [any PlaneSource]) {
    precondition(!sources.isEmpty, "the magnitude of no plane")
    self.sources = sources
    (width, height) = (sources[0].width, sources[0].height)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    var squares = [Float](repeating: 0, count: rows.count * width)
    for source in sources {
      for (index, value) in try source.read(rows: rows).values.enumerated() {
        squares[index] += value * value
      }
    }
    return Plane(width: width, values: squares.map { ($0 / Float(sources.count)).squareRoot() })
  }
}
