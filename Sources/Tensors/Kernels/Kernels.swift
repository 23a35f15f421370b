/// A kernel set of a machine: everything that networks need to train and to run, on one library.
///
/// Several threads may use one set at once, each with weights of its own: a weight keeps its packed copies
/// unguarded.
public protocol Kernels: AdjointKernels, Sendable {
  /// The library and its version, as the provenance of a product records it.
  var name: String { get }

  /// Frees what was prepared for the shapes seen so far; called between stages that see other shapes.
  func releasePrepared()

  /// Returns a recorded network made ready to run many times.
  func prepared(_ graph: InferenceGraph) -> any PreparedInference
}
