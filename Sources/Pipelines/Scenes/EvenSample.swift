/// A sample of very many elements, spread evenly over their order.
package struct EvenSample<Element> {
  package let elements: [Element]
  /// The number of elements that there are to choose from.
  let total: Int

  /// Takes all of `all`, or `most` of them.
  package init(_ all: [Element], most: Int) {
    let count = min(all.count, most)
    elements = (0..<count).map { all[$0 * all.count / count] }
    total = all.count
  }

  /// Returns the first `most` of the remarks about the elements, one each, and how many more there are.
  package func shortened(_ remarks: [String], to most: Int) -> [String] {
    guard remarks.count > most else { return remarks }
    let rest = remarks.count - most
    let others = elements.count < total ? "\(rest) more of the \(elements.count) looked at" : "\(rest) more"
    return Array(remarks.prefix(most)) + ["\(others) \(rest == 1 ? "is" : "are") like that"]
  }
}
