import Layers
import Tensors

/// Tells by maps of class probabilities which of two domains they are of, patch by patch: five convolutions
/// of 4 x 4 at stride 2 with leaky ReLUs of slope 0.2 between them.
///
/// - Source: Tsai et al. 2018, arXiv:1802.10349 (AdaptSegNet), the discriminator with its names.
package struct MapDiscriminator {
  /// The parameters of the discriminator.
  package let parameters = ParameterList()
  private let layers: [Convolution]

  /// The smallest side of a map that all five halvings leave a pixel of.
  package static let smallestSide = 32
  private static let widths = [64, 128, 256, 512, 1]
  private static let names = ["conv1", "conv2", "conv3", "conv4", "classifier"]

  /// Creates a discriminator of maps of `classes` with fresh weights.
  package init(classes: Int, seed: UInt64) {
    let root = ParameterScope(parameters, seed: seed)
    layers = Self.names.indices.map { index in
      Convolution(
        .init(
          inputs: index == 0 ? classes : Self.widths[index - 1], outputs: Self.widths[index],
          kernel: SlidingKernel(size: 4, stride: 2, padding: 1), hasBias: true),
        in: root.child(Self.names[index]), initializer: .uniformFanIn)
    }
  }

  /// Maps `[N, K, H, W]` to a logit of the target a patch, `[N, 1, H / 32, W / 32]`.
  private func logits(_ maps: Value, in pass: Pass) -> Value {
    layers.dropFirst().reduce(layers[0](maps, in: pass)) { $1(leaky($0, in: pass), in: pass) }
  }

  /// 0.2 x + 0.8 max(x, 0).
  private func leaky(_ value: Value, in pass: Pass) -> Value {
    let rectified = pass.tape.activation(value, .relu)
    return pass.tape.sum(pass.tape.scaled(value, by: 0.2), pass.tape.scaled(rectified, by: 0.8))
  }

  /// Returns the loss of a network whose maps are told from the source's, and its gradient with respect to
  /// the maps.
  package func deception(_ maps: Tensor, _ kernels: any AdjointKernels) -> (value: Double, gradient: Tensor) {
    let pass = Pass(.training, kernels: kernels)
    let input = Value(maps, needsGradient: true)
    let found = accumulate(.source, logits(input, in: pass), share: 1, kernels)
    _ = pass.backward()
    return (found, kernels.plain(input.gradient!))
  }

  /// Returns the discriminator's own loss on maps of both domains, each domain counting half, and its
  /// gradients.
  package func detection(_ source: Tensor, _ target: Tensor, _ kernels: any AdjointKernels) -> (
    value: Double, gradients: [(parameter: Parameter, gradient: Tensor)]
  ) {
    let pass = Pass(.training, kernels: kernels)
    let value =
      accumulate(.source, logits(Value(source), in: pass), share: 0.5, kernels)
      + accumulate(.target, logits(Value(target), in: pass), share: 0.5, kernels)
    return (value, pass.backward().map { ($0.parameter, kernels.plain($0.gradient)) })
  }

  private func accumulate(_ domain: Domain, _ logits: Value, share: Double, _ kernels: any AdjointKernels)
    -> Double
  {
    let loss = DomainLoss(kernels.plain(logits.tensor), domain, share: share)
    logits.accumulate(loss.gradient, with: kernels)
    return loss.value
  }
}
