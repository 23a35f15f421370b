import Layers
import Tensors

/// Attention of every token to every token of its image, scaled by 1 / sqrt(d).
struct SelfAttention {
  private let channels, heads: Int
  /// The weights of queries, keys and values, one over the other or apart.
  private let weights, biases: [Parameter]
  /// Whether the bias of keys is 0 whatever the parameter says.
  private let ignoresKeyBias: Bool
  private let projection: Linear
  /// The frequencies of turns, `[3, h, d / 2]`: of time, which nobody tells, row and column.
  private let frequencies: Parameter?

  /// The paths of the projections, and what publishers choose of them.
  struct Form: Sendable {
    /// The places of the projections to queries, keys and values.
    enum Projections: Sendable {
      /// One matrix; the paths of weight and bias.
      case packed(weight: String, bias: String)
      /// Three modules with `weight` and `bias`.
      case apart(queries: String, keys: String, values: String)
    }

    /// What has a bias of queries, keys and values.
    enum Bias: Sendable {
      case all, none
      /// Queries and values; the keys' share of the packed bias is held at 0, whatever a file has there.
      /// Files have a mask at this path.
      case withoutKeys(mask: String)
    }

    var projections = Projections.packed(weight: "qkv.weight", bias: "qkv.bias")
    var projection = "proj"
    /// The bias of queries, keys and values.
    var bias = Bias.all
    /// Whether what follows attention has a bias.
    var hasProjectionBias = true
    /// The path of the frequencies by which queries and keys of each head are turned for their place; nil for
    /// heads that turn alike, or not at all.
    var frequencies: String?
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
    var (hasBias, ignoresKeyBias) = (true, false)
    switch form.bias {
    case .all: break
    case .none: hasBias = false
    case .withoutKeys(let mask):
      ignoresKeyBias = true
      scope.passOver(mask, shape: [3 * channels]) { Self.keyMask(channels) }
    }
    biases = (hasBias ? places : []).map {
      scope.parameter(at: $0.bias, .bias, shape: [outputs], initializer: .constant(0))
    }
    self.ignoresKeyBias = ignoresKeyBias
    projection = Linear(
      inputs: channels, outputs: channels, hasBias: form.hasProjectionBias,
      in: scope.child(form.projection), initializer: .xavierUniform)
    frequencies = form.frequencies.map {
      scope.parameter(
        at: $0, .fixed, shape: [3, heads, channels / heads / 2], initializer: .normal(deviation: 0.1))
    }
  }

  /// Maps `[N, L, C]` to `[N, L, C]`.
  ///
  /// - Parameters:
  ///   - rotation: what queries and keys are turned by; nil for none.
  ///   - places: row and column of each token, where heads have frequencies of their own.
  func callAsFunction(
    _ input: Value, rotation: TokenRotation? = nil, places: [(row: Float, column: Float)] = [],
    in pass: Pass
  ) -> Value {
    let tape = pass.tape
    let rotation = rotation ?? ownRotation(of: places)
    var bias = biases.isEmpty ? nil : joined(biases, [3 * channels], in: pass)
    if ignoresKeyBias {
      bias = bias.map {
        tape.broadcastProduct($0, Value(Tensor(Self.keyMask(channels), shape: [3 * channels])))
      }
    }
    var packed = tape.linear(
      input, weight: joined(weights, [3 * channels, channels], in: pass), bias: bias)
    if let rotation { packed = tape.rotated(packed, heads: heads, by: rotation) }
    return projection(tape.attention(packed, heads: heads), in: pass)
  }

  /// Returns the turns of tokens at these places by each head's own frequencies; nil where it has none.
  ///
  /// The turns for the time of an image are left out: of one date all tokens have the same.
  private func ownRotation(of places: [(row: Float, column: Float)]) -> TokenRotation? {
    guard let frequencies else { return nil }
    let half = channels / heads / 2
    let count = heads * half
    // A network whose weights are yet to come has the turns of zeros.
    let values =
      frequencies.tensor.layout == .valueless
      ? Array(repeating: 0, count: 3 * count) : frequencies.tensor.values
    var angles: [Float] = []
    angles.reserveCapacity(places.count * count)
    for head in 0..<heads {
      let (rows, columns) = (
        values[count + head * half..<count + (head + 1) * half],
        values[2 * count + head * half..<2 * count + (head + 1) * half]
      )
      for place in places { angles += zip(rows, columns).map { place.row * $0 + place.column * $1 } }
    }
    return TokenRotation(skipping: 0, angles: angles, pairsNeighbours: true)
  }

  /// Returns 0 for the bias of each channel of keys, 1 for those of queries and values.
  private static func keyMask(_ channels: Int) -> [Float] {
    (0..<3 * channels).map { $0 / channels == 1 ? 0 : 1 }
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
