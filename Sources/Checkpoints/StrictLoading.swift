import Layers
import Tensors

/// Puts named tensors into the parameters of a network, by path and shape, all or nothing.
public enum StrictLoading {
  /// Loads the tensors of a file one by one: it takes no more memory than the network and one tensor.
  ///
  /// - Parameters:
  ///   - file: the tensors, under whole paths; those that ``ParameterList/passesOver(_:)`` are left alone,
  ///     and those that are ``ParameterList/isUnused(_:)`` may be missing.
  ///   - prefix: the beginning of the paths of parameters that are loaded (an encoder's weights into a whole
  ///     network).
  ///   - replacements: tensors by path, instead of those that the file has there, or in addition to them.
  /// - Throws: ``CheckpointError`` that names up to five tensors that are missing, of another shape, not
  ///   finite, or left over.
  public static func load(
    _ file: WeightsFile, into parameters: ParameterList, prefix: String = "",
    replacing replacements: [String: Tensor] = [:]
  ) throws(CheckpointError) {
    var shapes = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, $0.shape) })
    for (path, tensor) in replacements { shapes[path] = tensor.shape }
    try load(shapes, into: parameters, prefix: prefix, file: file.path) { path throws(CheckpointError) in
      guard let tensor = replacements[path] else { return try file.tensor(path) }
      return Tensor(tensor.values, shape: tensor.shape)
    }
  }

  /// Loads `tensors` into `parameters`.
  ///
  /// - Parameters:
  ///   - tensors: tensors by path; those that ``ParameterList/passesOver(_:)`` are left alone.
  ///   - prefix: the beginning of the paths of parameters that are loaded (an encoder's weights into a whole
  ///     network); the paths in `tensors` are whole ones.
  ///   - file: the path of the file, for messages.
  /// - Throws: ``CheckpointError`` that names up to five tensors that are missing, of another shape, not
  ///   finite, or left over.
  public static func load(
    _ tensors: [String: Tensor], into parameters: ParameterList, prefix: String = "", file: String
  ) throws(CheckpointError) {
    // The tensors are copied: an optimiser changes parameters in place, and the same tensors may start
    // several networks.
    try load(tensors.mapValues(\.shape), into: parameters, prefix: prefix, file: file) {
      path throws(CheckpointError) in
      Tensor(tensors[path]!.values, shape: tensors[path]!.shape)
    }
  }

  /// Checks everything, each tensor being read and let go, before the first parameter is set.
  private static func load(
    _ shapes: [String: Shape], into parameters: ParameterList, prefix: String, file: String,
    reading read: (String) throws(CheckpointError) -> Tensor
  ) throws(CheckpointError) {
    let wanted = parameters.all.filter { $0.path.hasPrefix(prefix) }
    var problems: [String] = []
    for parameter in wanted {
      let path = parameter.path
      guard let shape = shapes[path] else {
        if parameters.isUnused(path) { continue }
        problems.append("tensor '\(path)' \(parameter.tensor.shape) is missing")
        continue
      }
      if shape != parameter.tensor.shape {
        problems.append("tensor '\(path)' is \(shape), the network wants \(parameter.tensor.shape)")
      } else if try !read(path).withValues({ $0.allSatisfy(\.isFinite) }) {
        problems.append("tensor '\(path)' holds NaN or infinity")
      }
    }
    let paths = Set(wanted.map(\.path))
    for name in shapes.keys.sorted() where !paths.contains(name) && !parameters.passesOver(name) {
      problems.append("tensor '\(name)' has no place in the network")
    }
    guard problems.isEmpty else {
      let shown = problems.prefix(5).joined(separator: "; ")
      let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
      throw CheckpointError(.mismatch, path: file, shown + more)
    }
    for parameter in wanted {
      if shapes[parameter.path] != nil {
        parameter.set(try read(parameter.path))
      } else if parameter.tensor.layout == .valueless {
        // No result depends on the parameter.
        parameter.set(Tensor(repeating: 0, shape: parameter.tensor.shape))
      }
    }
  }
}
