/// A metric of Prometheus's text format, with its samples.
///
/// - Source: Prometheus, "Exposition formats", text format 0.0.4.
package struct MetricFamily: Sendable, Hashable {
  /// A value with the labels that tell it from others.
  package struct Sample: Sendable, Hashable {
    /// The labels, in the order in which they are written.
    package let labels: [Label]
    /// The value.
    package let value: Double

    package init(_ labels: [Label], _ value: Double) { (self.labels, self.value) = (labels, value) }
  }

  /// A name with a text.
  package struct Label: Sendable, Hashable {
    package let name, text: String

    package init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
  }

  /// The metric's name.
  package let name: String
  /// What it is, in a sentence.
  package let help: String
  /// Its values.
  package let samples: [Sample]

  /// Creates a metric that can go up and down.
  package init(_ name: String, _ help: String, _ samples: [Sample]) {
    (self.name, self.help, self.samples) = (name, help, samples)
  }

  /// The lines of the metric; none where it has no value.
  package var text: String {
    guard !samples.isEmpty else { return "" }
    let head = "# HELP \(name) \(Self.escaped(help, quote: false))\n# TYPE \(name) gauge\n"
    return head
      + samples.map { sample in
        let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.text, quote: true))\"" }
        return name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
          + " \(Self.number(sample.value))\n"
      }.joined()
  }

  /// Escapes what would end a text: backslash and line feed, in labels also quotes.
  private static func escaped(_ text: String, quote: Bool) -> String {
    let plain = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    return quote ? plain.replacing("\"", with: "\\\"") : plain
  }

  /// Returns a number, without a fraction where it has none: a monitor's times have ten digits.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
