extension ONNXModel {
  /// Describes the graph in a sentence: who wrote it, and its operations, the most frequent first.
  var summary: String {
    let counts = Dictionary(grouping: nodes, by: \.operation).mapValues(\.count)
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = counts.prefix(6).map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let more = counts.count > 6 ? ", and \(counts.count - 6) other operations" : ""
    return "an ONNX graph\(producer.isEmpty ? "" : " by \(producer)") of \(nodes.count) nodes"
      + (nodes.isEmpty ? "" : ": \(shown)\(more)")
  }

  /// Whether an exporter made up the name of a tensor because the tensor that it stands for is changed:
  /// `onnx::Conv_497`, `val_12`, `497`.
  static func isMadeUp(_ name: String) -> Bool {
    name.hasPrefix("onnx::") || !name.isEmpty && name.allSatisfy(\.isNumber)
      || name.hasPrefix("val_") && name.dropFirst(4).allSatisfy(\.isNumber)
  }
}
