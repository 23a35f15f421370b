/// A tensor on its way through a network, and the gradient that comes back.
public final class Value {
  /// The tensor itself.
  public let tensor: Tensor
  /// The derivative of the objective with respect to ``tensor``; set before the way back, or by it.
  public private(set) var gradient: Tensor?
  /// Whether anything upstream wants the gradient.
  public let needsGradient: Bool

  /// A value; inputs of a network need no gradient.
  public init(_ tensor: Tensor, needsGradient: Bool = false) {
    self.tensor = tensor
    self.needsGradient = needsGradient
  }

  /// Adds a contribution to the gradient.
  public func accumulate(_ contribution: Tensor, with kernels: any Kernels) {
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
/// The same layers serve training and inference: a tape that does not record keeps nothing alive.
public final class Tape {
  /// What computes.
  public let kernels: any Kernels
  /// Whether the way back is remembered.
  public let isRecording: Bool
  private var adjoints: [() -> Void] = []

  /// A tape for one forward pass.
  public init(kernels: any Kernels, isRecording: Bool) {
    self.kernels = kernels
    self.isRecording = isRecording
  }

  /// Makes the value of an operation's result and records its adjoint.
  ///
  /// - Parameters:
  ///   - result: What the operation gave.
  ///   - inputs: Whose gradients the adjoint accumulates.
  ///   - adjoint: Gets the gradient of `result`; is not called when none arrived.
  func record(_ result: Tensor, inputs: [Value], adjoint: @escaping (Tensor) -> Void) -> Value {
    let needsGradient = isRecording && inputs.contains { $0.needsGradient }
    let value = Value(result, needsGradient: needsGradient)
    if needsGradient {
      adjoints.append {
        if let gradient = value.takeGradient() { adjoint(gradient) }
      }
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
