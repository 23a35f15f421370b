import Synchronization
import Tensors

/// Memory that the host does not address, as that of an accelerator: its bytes go to the host and back by
/// copies only.
package final class DistantStorage: Storage {
  private let memory: Mutex<[UInt8]>
  package let bytes: Int

  /// As many bytes as `source` has, copied.
  package init(copying source: UnsafeRawBufferPointer) {
    memory = Mutex(Array(source))
    bytes = source.count
  }

  package var device: Device { DistantKernels.place }
  package var hostAddress: UnsafeMutableRawPointer? { nil }

  package func copy(to target: UnsafeMutableRawPointer) {
    memory.withLock { $0.withUnsafeBytes { target.copyMemory(from: $0.baseAddress!, byteCount: bytes) } }
  }

  package func replace(by source: UnsafeRawPointer) {
    memory.withLock { $0 = Array(UnsafeRawBufferPointer(start: source, count: bytes)) }
  }
}

/// A kernel set whose results lie in ``DistantStorage``: it computes with a set of the host, to the same
/// bytes, between copies. Code that takes host memory for granted traps on it.
package struct DistantKernels: Kernels {
  package static let place = Device("distant")
  private let host: any Kernels

  /// A distant set that computes as `host` does.
  package init(_ host: any Kernels) { self.host = host }

  private func distant(_ tensor: Tensor) -> Tensor {
    let bytes = UnsafeRawBufferPointer(
      start: tensor.storage.hostAddress, count: tensor.layout.bytes(of: tensor.shape))
    return Tensor(tensor.shape, layout: tensor.layout, in: DistantStorage(copying: bytes))
  }

  package var device: Device { Self.place }
  package var name: String { "distant \(host.name)" }
  package func releasePrepared() { host.releasePrepared() }
  package func prepared(_ graph: InferenceGraph) -> any PreparedInference { host.prepared(graph) }
}

/// Forward.
extension DistantKernels {
  package func plain(_ input: Tensor) -> Tensor {
    input.layout == .plain ? input : distant(host.plain(input.onHost))
  }

  package func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
    distant(host.convolution(input.onHost, weight: weight.onHost, bias: bias?.onHost, kernel: kernel))
  }

  package func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Tensor {
    distant(
      host.batchNormalization(
        input.onHost, scale: scale.onHost, shift: shift.onHost, mean: mean.onHost,
        variance: variance.onHost, epsilon: epsilon, relu: relu))
  }

  package func maxPooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    distant(host.maxPooling(input.onHost, kernel: kernel))
  }

  package func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    distant(host.averagePooling(input.onHost, kernel: kernel))
  }

  package func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor {
    distant(host.nearestResampling(input.onHost, height: height, width: width))
  }

  package func concatenation(_ inputs: [Tensor]) -> Tensor {
    distant(host.concatenation(inputs.map(\.onHost)))
  }

  package func channelMeans(_ input: Tensor) -> Tensor { distant(host.channelMeans(input.onHost)) }

  package func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor {
    distant(host.channelProduct(input.onHost, factors: factors.onHost))
  }

  package func activation(_ input: Tensor, _ function: Activation) -> Tensor {
    distant(host.activation(input.onHost, function))
  }

  package func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    distant(operation.resultOnHost(inputs.map(plain)))
  }

  package func sum(_ left: Tensor, _ right: Tensor) -> Tensor {
    distant(host.sum(left.onHost, right.onHost))
  }

  package func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor {
    distant(host.rectifiedSum(left.onHost, right.onHost))
  }
}

/// Statistics of a batch, and adjoints.
extension DistantKernels {
  package func convolutionInputGradient(
    _ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel
  ) -> Tensor {
    distant(
      host.convolutionInputGradient(
        gradient.onHost, weight: weight.onHost, inputShape: inputShape, kernel: kernel))
  }

  package func convolutionWeightGradient(
    _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
  ) -> (weight: Tensor, bias: Tensor?) {
    let found = host.convolutionWeightGradient(
      gradient.onHost, input: input.onHost, weightShape: weightShape, hasBias: hasBias, kernel: kernel)
    return (distant(found.weight), found.bias.map(distant))
  }

  package func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, epsilon: Float, relu: Bool
  ) -> (output: Tensor, statistics: BatchStatistics) {
    let found = host.batchNormalization(
      input.onHost, scale: scale.onHost, shift: shift.onHost, epsilon: epsilon, relu: relu)
    let statistics = BatchStatistics(
      mean: distant(found.statistics.mean), variance: distant(found.statistics.variance),
      passed: found.statistics.passed)
    return (distant(found.output), statistics)
  }

  package func batchNormalizationGradient(
    _ gradient: Tensor, input: Tensor, scale: Tensor, shift: Tensor, statistics: BatchStatistics,
    epsilon: Float
  ) -> (input: Tensor, scale: Tensor, shift: Tensor) {
    let statistics = BatchStatistics(
      mean: statistics.mean.onHost, variance: statistics.variance.onHost, passed: statistics.passed)
    let found = host.batchNormalizationGradient(
      gradient.onHost, input: input.onHost, scale: scale.onHost, shift: shift.onHost,
      statistics: statistics, epsilon: epsilon)
    return (distant(found.input), distant(found.scale), distant(found.shift))
  }

  package func maxPoolingWithPlaces(_ input: Tensor, kernel: SlidingKernel)
    -> (output: Tensor, places: Workspace)
  {
    let found = host.maxPoolingWithPlaces(input.onHost, kernel: kernel)
    return (distant(found.output), found.places)
  }

  package func maxPoolingGradient(
    _ gradient: Tensor, places: Workspace, inputShape: Shape, kernel: SlidingKernel
  ) -> Tensor {
    distant(host.maxPoolingGradient(gradient.onHost, places: places, inputShape: inputShape, kernel: kernel))
  }

  package func averagePoolingGradient(_ gradient: Tensor, inputShape: Shape, kernel: SlidingKernel) -> Tensor
  {
    distant(host.averagePoolingGradient(gradient.onHost, inputShape: inputShape, kernel: kernel))
  }

  package func nearestResamplingGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor {
    distant(host.nearestResamplingGradient(gradient.onHost, inputShape: inputShape))
  }

  package func channelSplit(_ input: Tensor, channels: [Int]) -> [Tensor] {
    host.channelSplit(input.onHost, channels: channels).map(distant)
  }

  package func channelMeansGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor {
    distant(host.channelMeansGradient(gradient.onHost, inputShape: inputShape))
  }

  package func channelProductGradient(_ gradient: Tensor, input: Tensor, factors: Tensor) -> (
    input: Tensor, factors: Tensor
  ) {
    let found = host.channelProductGradient(gradient.onHost, input: input.onHost, factors: factors.onHost)
    return (distant(found.input), distant(found.factors))
  }

  package func activationGradient(_ gradient: Tensor, input: Tensor, _ function: Activation) -> Tensor {
    distant(host.activationGradient(gradient.onHost, input: input.onHost, function))
  }

  package func gradients(
    of operation: any PlainOperation, _ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]
  ) -> [Tensor?] {
    operation.gradientsOnHost(
      plain(gradient), inputs: inputs.map(plain), result: plain(result), wanted: wanted
    ).map { $0.map(distant) }
  }

  package func rectifierGradient(_ gradient: Tensor, output: Tensor) -> Tensor {
    distant(host.rectifierGradient(gradient.onHost, output: output.onHost))
  }

  package func matrixProduct(_ left: Tensor, _ right: Tensor, transposeLeft: Bool, transposeRight: Bool)
    -> Tensor
  {
    distant(
      host.matrixProduct(
        left.onHost, right.onHost, transposeLeft: transposeLeft, transposeRight: transposeRight))
  }
}
