import Layers
import Tensors

/// Puts named tensors into the parameters of a network, by path and shape, all or nothing.
public enum StrictLoading {
  /// Loads `tensors` into `parameters`.
  ///
  /// - Parameters:
  ///   - tensors: by path; PyTorch's `num_batches_tracked` counters are passed over.
  ///   - prefix: load only parameters whose path starts with it (an encoder's weights into a whole network); the paths in
  ///     `tensors` are whole ones.
  ///   - file: for messages.
  /// - Throws: ``CheckpointError`` that names up to five tensors that are missing, of another shape, not finite, or left over.
  public static func load(
    _ tensors: [String: Tensor], into parameters: ParameterList, prefix: String = "", file: String
  ) throws(CheckpointError) {
    let wanted = parameters.all.filter { $0.path.hasPrefix(prefix) }
    let offered = tensors.filter { !$0.key.hasSuffix("num_batches_tracked") }
    var problems: [String] = []
    for parameter in wanted {
      guard let tensor = offered[parameter.path] else {
        problems.append("tensor '\(parameter.path)' \(parameter.tensor.shape) is missing")
        continue
      }
      if tensor.shape != parameter.tensor.shape {
        problems.append(
          "tensor '\(parameter.path)' is \(tensor.shape), the network wants \(parameter.tensor.shape)")
      } else if !tensor.withValues({ $0.allSatisfy(\.isFinite) }) {
        problems.append("tensor '\(parameter.path)' holds NaN or infinity")
      }
    }
    let paths = Set(wanted.map(\.path))
    for name in offered.keys.sorted() where !paths.contains(name) {
      problems.append("tensor '\(name)' has no place in the network")
    }
    guard problems.isEmpty else {
      let shown = problems.prefix(5).joined(separator: "; ")
      let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
      throw CheckpointError(.mismatch, path: file, shown + more)
    }
    // Copies: an optimiser changes parameters in place, and the same file may start several networks.
    for parameter in wanted {
      parameter.set(Tensor(offered[parameter.path]!.values, shape: parameter.tensor.shape))
    }
  }
}
