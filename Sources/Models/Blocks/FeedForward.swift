import Layers
import Tensors

/// Two linear maps of each token by itself with a function between them: a GELU, or the product of one half
/// of a wider map and SiLU of the other.
///
/// - Source: of the product Shazeer 2020, arXiv:2002.05202 (SwiGLU).
struct FeedForward {
  private let expansion, reduction: Linear
  private let gate: Linear?

  /// The paths of the maps and what publishers choose of them.
  struct Form: Sendable {
    var expansion = "fc1"
    var reduction = "fc2"
    /// The map that the SiLU of the expansion is multiplied by; nil for a GELU of the expansion alone.
    var gate: String?
    /// Channels inside; nil for four times those outside.
    var hidden: Int?
    var hasBias = true
  }

  /// Creates the maps in `scope`.
  init(channels: Int, _ form: Form, in scope: ParameterScope, initializer: Initializer) {
    let hidden = form.hidden ?? 4 * channels
    func map(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
      Linear(
        inputs: inputs, outputs: outputs, hasBias: form.hasBias, in: scope.child(name),
        initializer: initializer)
    }
    expansion = map(form.expansion, channels, hidden)
    reduction = map(form.reduction, hidden, channels)
    gate = form.gate.map { map($0, channels, hidden) }
  }

  /// Maps `[..., C]` to `[..., C]`.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let tape = pass.tape
    let expanded = expansion(input, in: pass)
    guard let gate else { return reduction(tape.activation(expanded, .gelu), in: pass) }
    return reduction(
      tape.broadcastProduct(tape.activation(expanded, .silu), gate(input, in: pass)), in: pass)
  }
}
