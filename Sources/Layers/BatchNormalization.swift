import Tensors

/// Batch normalisation over `[N, C, H, W]`, optionally with the activation that follows it.
///
/// - Source: Ioffe & Szegedy 2015, arXiv:1502.03167. As PyTorch has it, the running variance is unbiased (n /
///   (n - 1)), the one inside the pass biased. Re-estimation is AdaBN, Li et al. 2016, arXiv:1603.04779.
public struct BatchNormalization {
  private let scale, shift, mean, variance: Parameter
  private let epsilon: Float
  private let momentum: Float
  private let activation: Activation?
  private var relu: Bool { activation == .relu }

  /// Makes `weight`, `bias`, `running_mean`, `running_var`, each `[C]`, in `scope`; files also have
  /// `num_batches_tracked` there.
  public init(
    channels: Int, activation: Activation? = nil, in scope: ParameterScope, epsilon: Float = 1e-5,
    momentum: Float = 0.1
  ) {
    scope.passOver("num_batches_tracked")
    let shape: Shape = [channels]
    scale = scope.parameter("weight", .normScale, shape: shape, initializer: .constant(1))
    shift = scope.parameter("bias", .normShift, shape: shape, initializer: .constant(0))
    mean = scope.parameter("running_mean", .runningMean, shape: shape, initializer: .constant(0))
    variance = scope.parameter("running_var", .runningVariance, shape: shape, initializer: .constant(1))
    (self.epsilon, self.momentum, self.activation) = (epsilon, momentum, activation)
  }

  /// Normalises; which statistics serve, and what becomes of the running ones, is up to the pass's phase.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let normalized = normalized(input, in: pass)
    guard let activation, activation != .relu else { return normalized }
    return pass.tape.activation(normalized, activation)
  }

  /// Normalises, and applies the ReLU where there is one.
  private func normalized(_ input: Value, in pass: Pass) -> Value {
    guard let (phase, kernels) = pass.batchStatistics else { return byRunningStatistics(input, in: pass) }
    switch phase {
    case .training where !scale.isTrainable: return byRunningStatistics(input, in: pass)
    case .training: return byBatch(input, in: pass, on: kernels, weight: momentum)
    case .reestimation(let index):
      return byBatch(input, in: pass, on: kernels, weight: 1 / Float(index + 1))
    }
  }

  private func byRunningStatistics(_ input: Value, in pass: Pass) -> Value {
    pass.tape.batchNormalization(
      input, scale: scale.tensor, shift: shift.tensor, mean: mean.tensor, variance: variance.tensor,
      epsilon: epsilon, relu: relu)
  }

  /// Normalises by the batch's statistics, but for a single value a channel, whose variance is 0: it would be
  /// normalised to nothing, and running variances would decay to 0, by whose root maps are divided. PyTorch
  /// refuses such a batch; here the running statistics serve and stay, as in a frozen normalisation. So it is
  /// where the same value stands in each of several images, as in copies of one chip.
  private func byBatch(
    _ input: Value, in pass: Pass, on kernels: any AdjointKernels, weight: Float
  ) -> Value {
    let shape = input.tensor.shape
    if shape.height * shape.width == 1, Self.isOneVector(input, in: pass) {
      pass.hold(mean.path.split(separator: ".").dropLast().joined(separator: "."))
      return byRunningStatistics(input, in: pass)
    }
    let (output, batchMean, batchVariance) = pass.tape.batchNormalization(
      input, scale: pass.value(of: scale), shift: pass.value(of: shift), epsilon: epsilon, relu: relu,
      on: kernels)
    guard pass.movesStatistics else { return output }
    let count = Float(shape.batch * shape.height * shape.width)
    pass.move(
      StatisticsMove(running: mean, batch: batchMean.values, factor: 1, weight: weight))
    pass.move(
      StatisticsMove(
        running: variance, batch: batchVariance.values, factor: count / max(1, count - 1), weight: weight))
    return output
  }

  /// Returns whether all images `[N, C, 1, 1]` are alike but for rounding.
  private static func isOneVector(_ input: Value, in pass: Pass) -> Bool {
    let (images, channels) = (input.tensor.shape.batch, input.tensor.shape.channels)
    guard images > 1 else { return true }
    return pass.tape.kernels.plain(input.tensor).withValues { values in
      let largest = values.reduce(0) { max($0, abs($1)) }
      return (channels..<images * channels).allSatisfy { index in
        abs(values[index] - values[index % channels]) <= 1e-5 * largest
      }
    }
  }
}
