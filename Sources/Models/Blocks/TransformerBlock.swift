import Layers
import Tensors

/// Attention and a feed-forward network, each normalised first, at times weighed channel by channel, and
/// beside a shortcut.
struct TransformerBlock {
  /// The paths of the parts, and what publishers choose of them.
  struct Form: Sendable {
    var channels, heads: Int
    /// The number added to variances in normalisations.
    var epsilon: Float = 1e-6
    var norms = ["norm1", "norm2"]
    var attention = (path: "attn", form: SelfAttention.Form())
    var feedForward = (path: "mlp", form: FeedForward.Form())
    /// The paths of the factors of both branches (LayerScale: Touvron et al. 2021, arXiv:2103.17239); empty
    /// for none.
    var gains: [String] = []
  }

  /// Returns the prefixes of the paths of each of so many blocks, the last with the normalisation behind it,
  /// as timm groups them for rates that fall.
  static func layers(_ depth: Int, at path: String, normalizedAt norm: String) -> [[String]] {
    (0..<depth).map { ["\(path)\($0)."] + ($0 == depth - 1 ? [norm + "."] : []) }
  }

  private let norms: [LayerNormalization]
  private let attention: SelfAttention
  private let feedForward: FeedForward
  private let gains: [Parameter]
  private let depth: StochasticDepth

  init(_ form: Form, depth: StochasticDepth, in scope: ParameterScope) {
    self.depth = depth
    norms = form.norms.map {
      LayerNormalization(channels: form.channels, epsilon: form.epsilon, in: scope.child($0))
    }
    attention = SelfAttention(
      channels: form.channels, heads: form.heads, form.attention.form, in: scope.child(form.attention.path))
    feedForward = FeedForward(
      channels: form.channels, form.feedForward.form, in: scope.child(form.feedForward.path),
      initializer: .xavierUniform)
    gains = form.gains.map {
      scope.parameter(at: $0, .gain, shape: [form.channels], initializer: .constant(1e-5))
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
    let attended = attention(norms[0](input, in: pass), rotation: rotation, places: places, in: pass)
    let middle = sum(input, attended, branch: 0, in: pass)
    return sum(middle, feedForward(norms[1](middle, in: pass), in: pass), branch: 1, in: pass)
  }

  private func sum(_ shortcut: Value, _ result: Value, branch: Int, in pass: Pass) -> Value {
    let weighed =
      gains.isEmpty ? result : pass.tape.broadcastProduct(result, pass.value(of: gains[branch]))
    return pass.tape.sum(shortcut, depth(weighed, in: pass))
  }
}
