import CPUKernels
import Foundation
import Layers
import Models
import Numerics
import Tensors

/// Each convolution of a U-Net on a batch of chips, forward and backward, as a share of what the CPU can do at most.
///
/// Operations are those of the definition, two for each weight and pixel; Winograd's products, which spare most of them, may
/// do more than the peak.
struct KernelBenchmark {
  private static let (batch, side, rounds) = (8, 256, 5)
  let encoder: String
  let folder: URL

  func run(_ report: inout Report) throws {
    let network = try BenchmarkNetwork(encoder: encoder, in: folder)
    let recorder = GraphRecorder(inputShape: [1, 13, Self.side, Self.side])
    let scores = network.model.network(Value(recorder.input), in: Pass(.inference, kernels: recorder)).scores
    let convolutions = recorder.graph(to: scores.tensor).convolutions
    for precision in Precision.allCases {
      guard let kernels = KernelSet.computing(in: precision) else { continue }
      report.heading(
        "Kernels of U-Net over \(encoder), \(Self.batch) chips of \(Self.side) x \(Self.side), "
          + precision.rawValue)
      // Asked for before each convolution, because a neighbour on the machine may slow either down.
      var peak = 0.0
      var rows: [(convolution: ConvolutionShape, rates: [Double])] = []
      for convolution in convolutions where !rows.contains(where: { $0.convolution == convolution }) {
        peak = max(peak, Self.rates(Self.matrixProduct, kernels, passes: 1)[0])
        rows.append((convolution, Self.rates(convolution, kernels)))
      }
      report.line(
        String(
          format:
            "Measured peak: %.0f Gop/s, a 1 x 1 convolution of 1,024 channels to as many. Winograd's products may do more.",
          peak))
      report.line()
      report.line("| input | filters | times | forward | gradient of the input | gradient of the filters |")
      report.line("|---|---|---:|---:|---:|---:|")
      for (convolution, rates) in rows {
        let cells = rates.map { String(format: "%.0f (%.0f %%)", $0, 100 * $0 / peak) }
        let times = convolutions.count { $0 == convolution }
        report.line(
          "| \(Self.input(convolution)) | \(Self.filters(convolution)) | \(times) | "
            + cells.joined(separator: " | ") + " |")
      }
    }
  }

  private static let matrixProduct = ConvolutionShape(
    input: [1, 1024, 32, 32], weight: [1024, 1024, 1, 1], kernel: SlidingKernel(size: 1))

  private static func input(_ convolution: ConvolutionShape) -> String {
    let shape = convolution.input
    return "\(shape.channels) x \(shape.height) x \(shape.width)"
  }

  private static func filters(_ convolution: ConvolutionShape) -> String {
    let (kernel, count) = (convolution.kernel, convolution.weight[0])
    return "\(count) of \(kernel.rows.size) x \(kernel.columns.size)"
      + (kernel.rows.stride == 1 ? "" : ", stride \(kernel.rows.stride)")
  }

  /// Billions of operations a second: forward, and the two gradients, or the first `passes` of them.
  private static func rates(_ convolution: ConvolutionShape, _ kernels: any Kernels, passes: Int = 3)
    -> [Double]
  {
    let (kernel, one) = (convolution.kernel, convolution.input)
    let shape: Shape = [batch, one.channels, one.height, one.width]
    let weight = values(convolution.weight)
    // To its own size, so that it lies in the layout that the kernels like.
    let input = kernels.nearestResampling(values(shape), height: one.height, width: one.width)
    let output = kernels.convolution(input, weight: weight, bias: nil, kernel: kernel)
    let operations = 2 * Double(output.shape.count * weight.shape.count / weight.shape[0])
    let works: [() -> Void] = [
      { _ = kernels.convolution(input, weight: weight, bias: nil, kernel: kernel) },
      { _ = kernels.convolutionInputGradient(output, weight: weight, inputShape: shape, kernel: kernel) },
      {
        _ = kernels.convolutionWeightGradient(
          output, input: input, weightShape: weight.shape, hasBias: false, kernel: kernel)
      },
    ]
    return works.prefix(passes).map { operations / seconds($0) / 1e9 }
  }

  private static func values(_ shape: Shape) -> Tensor {
    var random = RandomSource(seed: 3, stream: "kernels")
    return Tensor((0..<shape.count).map { _ in Float(2 * random.uniform() - 1) }, shape: shape)
  }

  /// The least of some rounds.
  private static func seconds(_ work: () -> Void) -> Double {
    (0...rounds).map { _ in
      let begin = DispatchTime.now().uptimeNanoseconds
      work()
      return Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9
    }.min()!
  }
}
