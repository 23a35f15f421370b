/// A tensor on its way through a network, and the gradient that comes back.
public final class Value {
  /// The tensor itself.
  public let tensor: Tensor
  /// The derivative of the objective with respect to ``tensor``; set before the way back, or by it.
  public private(set) var gradient: Tensor?
  /// Whether anything upstream wants the gradient.
  public let needsGradient: Bool

  /// Creates a value; inputs of a network need no gradient.
  public init(_ tensor: Tensor, needsGradient: Bool = false) {
    self.tensor = tensor
    self.needsGradient = needsGradient
  }

  /// Adds a contribution to the gradient.
  public func accumulate(_ contribution: Tensor, with kernels: any ForwardKernels) {
    precondition(
      contribution.shape == tensor.shape,
      "a gradient \(contribution.shape) does not fit a value \(tensor.shape)")
    gradient = gradient.map { kernels.sum($0, contribution) } ?? contribution
  }

  fileprivate func takeGradient() -> Tensor? {
    defer { gradient = nil }
    return gradient
  }
}

/// Runs operations and, when recording, remembers how to differentiate them in reverse.
///
/// The same layers serve training and inference: a tape that does not record keeps nothing alive, and needs
/// no kernels but those that run forward.
public final class Tape {
  /// The kernels that compute each result.
  public let kernels: any ForwardKernels
  /// The kernels that differentiate; nil on a tape that does not record.
  let adjointKernels: (any AdjointKernels)?
  private var adjoints: [() -> Void] = []

  /// Creates a tape that runs forward and remembers nothing.
  public init(kernels: any ForwardKernels) { (self.kernels, adjointKernels) = (kernels, nil) }

  /// Creates a tape that remembers the way back.
  public init(recordingOn kernels: any AdjointKernels) {
    (self.kernels, adjointKernels) = (kernels, kernels)
  }

  /// Whether the way back is remembered.
  public var isRecording: Bool { adjointKernels != nil }

  /// Makes the value of an operation's result and records its adjoint.
  ///
  /// - Parameters:
  ///   - result: What the operation gave.
  ///   - inputs: Whose gradients the adjoint accumulates.
  ///   - adjoint: Gets the gradient of `result` and the kernels to go back on; is not called when no gradient
  ///     arrived.
  package func record(
    _ result: Tensor, inputs: [Value], adjoint: @escaping (Tensor, any AdjointKernels) -> Void
  ) -> Value {
    guard let adjointKernels, inputs.contains(where: { $0.needsGradient }) else { return Value(result) }
    let value = Value(result, needsGradient: true)
    adjoints.append {
      if let gradient = value.takeGradient() { adjoint(gradient, adjointKernels) }
    }
    return value
  }

  /// Goes back through everything recorded, once; seeds are gradients accumulated on values beforehand.
  ///
  /// Each adjoint is dropped as soon as it has run, so memory falls on the way back.
  public func backward() {
    while let adjoint = adjoints.popLast() { adjoint() }
  }
}
