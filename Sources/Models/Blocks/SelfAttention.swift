import Layers
import Tensors

/// Attention of every token to every token of its image, scaled by 1 / sqrt(d).
struct SelfAttention {
  private let channels, heads: Int
  /// The weights of queries, keys and values, one over the other or apart.
  private let weights, biases: [Parameter]
  private let projection: Linear

  /// The paths of the projections, and what publishers choose of them.
  struct Form: Sendable {
    /// The places of the projections to queries, keys and values.
    enum Projections: Sendable {
      /// One matrix; the paths of weight and bias.
      case packed(weight: String, bias: String)
      /// Three modules with `weight` and `bias`.
      case apart(queries: String, keys: String, values: String)
    }

    var projections = Projections.packed(weight: "qkv.weight", bias: "qkv.bias")
    var projection = "proj"
    /// Whether queries, keys and values have a bias.
    var hasBias = true
    /// Whether what follows attention has a bias.
    var hasProjectionBias = true
  }

  init(channels: Int, heads: Int, _ form: Form, in scope: ParameterScope) {
    (self.channels, self.heads) = (channels, heads)
    let places: [(weight: String, bias: String)] =
      switch form.projections {
      case .packed(let weight, let bias): [(weight, bias)]
      case .apart(let queries, let keys, let values):
        [queries, keys, values].map { ($0 + ".weight", $0 + ".bias") }
      }
    let outputs = 3 * channels / places.count
    weights = places.map {
      scope.parameter(at: $0.weight, .weight, shape: [outputs, channels], initializer: .xavierUniform)
    }
    biases =
      !form.hasBias
      ? []
      : places.map {
        scope.parameter(at: $0.bias, .bias, shape: [outputs], initializer: .constant(0))
      }
    projection = Linear(
      inputs: channels, outputs: channels, hasBias: form.hasProjectionBias,
      in: scope.child(form.projection), initializer: .xavierUniform)
  }

  /// Maps `[N, L, C]` to `[N, L, C]`.
  ///
  /// - Parameter rotation: what queries and keys are turned by; nil for none.
  func callAsFunction(_ input: Value, rotation: TokenRotation? = nil, in pass: Pass) -> Value {
    let tape = pass.tape
    var packed = tape.linear(
      input, weight: joined(weights, [3 * channels, channels], in: pass),
      bias: biases.isEmpty ? nil : joined(biases, [3 * channels], in: pass))
    if let rotation { packed = tape.rotated(packed, heads: heads, by: rotation) }
    return projection(tape.attention(packed, heads: heads), in: pass)
  }

  /// Returns parameters one after the other, as one of this shape.
  private func joined(_ parameters: [Parameter], _ shape: Shape, in pass: Pass) -> Value {
    let tape = pass.tape
    let values = parameters.map(pass.value)
    guard values.count > 1 else { return values[0] }
    let columns = shape.rank > 1 ? shape[1] : 1
    let rows = values.map {
      tape.reshaped($0, to: [1, $0.tensor.shape.count / columns, columns])
    }
    return tape.reshaped(rows.dropFirst().reduce(rows[0]) { tape.joinedRows($0, $1) }, to: shape)
  }
}

extension ParameterScope {
  /// Makes a parameter at a path, names between dots, below this place.
  func parameter(
    at path: String, _ role: Parameter.Role, shape: Shape, initializer: Initializer
  ) -> Parameter {
    let names = path.split(separator: ".").map(String.init)
    return descendant(names.dropLast().joined(separator: "."))
      .parameter(names.last!, role, shape: shape, initializer: initializer)
  }
}
