import Tensors

/// The ONNX graph that the tensors of a file are the constants of, for those who find a network in it by its
/// operations.
package struct WeightsGraph: Sendable {
  /// The operations in an order in which they can run.
  package let nodes: [ONNXNode]
  /// The names of the results.
  package let outputs: [String]
  /// The names that the exporter made up for what convolutions and products of matrices are taken with: these
  /// are not what a network has under its own names.
  package let madeUpNames: [String]
  /// The constants by their names in the graph.
  private let constants: [String: StoredTensor]

  init(_ model: ONNXModel, constants: [String: StoredTensor]) {
    (nodes, outputs, self.constants) = (model.nodes, model.outputs, constants)
    madeUpNames = model.nodes.filter { Self.weighted.contains($0.operation) }
      .flatMap { $0.inputs.dropFirst() }.filter { constants[$0] != nil && ONNXModel.isMadeUp($0) }
  }

  private static let weighted: Set<String> = ["Conv", "ConvTranspose", "Gemm", "MatMul"]

  /// Returns the shape of a constant; nil where there is none of this name.
  package func shape(of name: String) -> Shape? { constants[name]?.shape }

  /// Returns the numbers of a small constant, such as the limits of a clip; nil where there is none.
  package func numbers(of name: String) -> [Float]? {
    guard let constant = constants[name], constant.shape.count <= 64 else { return nil }
    return try? constant.tensor(named: name)?.values
  }

  /// Returns a constant for a tensor of a file.
  func stored(_ name: String, isTransposed: Bool) -> StoredTensor? {
    isTransposed ? constants[name]?.transposed : constants[name]
  }
}

extension WeightsFile {
  /// Where a tensor of a network comes from that was found in a graph.
  package enum GraphSource {
    /// A constant of the graph, a matrix turned or not.
    case constant(String, isTransposed: Bool = false)
    /// Numbers that follow from the network.
    case values(Tensor)
  }

  /// Returns the file with the tensors of a network that was found in its graph, under the network's names.
  ///
  /// - Throws: ``CheckpointError`` `mismatch` where the graph has no such constant.
  package func taking(_ sources: [(name: String, source: GraphSource)], note: String) throws(CheckpointError)
    -> WeightsFile
  {
    var tensors: [(name: String, tensor: StoredTensor)] = []
    for (name, source) in sources {
      switch source {
      case .constant(let constant, let isTransposed):
        guard let stored = graph?.stored(constant, isTransposed: isTransposed) else {
          throw CheckpointError(.mismatch, path: path, "its graph has no constant '\(constant)'")
        }
        tensors.append((name, stored))
      case .values(let tensor): tensors.append((name, StoredTensor(tensor, path: path)))
      }
    }
    return replacing(tensors, note: note)
  }
}
