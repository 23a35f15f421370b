import CPUKernels
import NumericOracles
import Tensors
import Testing

/// One operation that networks run forward.
struct ForwardCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let run: @Sendable (any ForwardKernels, Tensor) -> Tensor

  static let all = [
    ForwardCase(testDescription: "plain") { $0.plain($1) },
    ForwardCase(testDescription: "convolution") { kernels, input in
      kernels.convolution(
        input, weight: HashedValues("weight").tensor([5, 8, 3, 3]), bias: HashedValues("bias").tensor([5]),
        kernel: SlidingKernel(size: 3, padding: 1))
    },
    ForwardCase(testDescription: "normalisation by given statistics") { kernels, input in
      kernels.batchNormalization(
        input, scale: HashedValues("scale").tensor([8]), shift: HashedValues("shift").tensor([8]),
        mean: HashedValues("mean").tensor([8]),
        variance: HashedValues("variance").tensor([8], scale: 0.5, offset: 1), epsilon: 1e-5, relu: true)
    },
    ForwardCase(testDescription: "pooling by maxima") { $0.maxPooling($1, kernel: pooling) },
    ForwardCase(testDescription: "pooling by means") { $0.averagePooling($1, kernel: pooling) },
    ForwardCase(testDescription: "nearest resampling") { $0.nearestResampling($1, height: 12, width: 14) },
    ForwardCase(testDescription: "concatenation") { $0.concatenation([$1, $1]) },
    ForwardCase(testDescription: "channel means") { $0.channelMeans($1) },
    ForwardCase(testDescription: "channel product") { $0.channelProduct($1, factors: $0.channelMeans($1)) },
    ForwardCase(testDescription: "activation") { $0.activation($1, .silu) },
    ForwardCase(testDescription: "plain operation") {
      $0.result(of: LinearMap(), [$1, HashedValues("matrix").tensor([4, 7])])
    },
    ForwardCase(testDescription: "sum") { $0.sum($1, $1) },
    ForwardCase(testDescription: "rectified sum") { $0.rectifiedSum($1, $1) },
  ]

  private static let pooling = SlidingKernel(size: 2, stride: 2)
}

@Suite("What a recorder of networks can do")
struct GraphRecorderTests {
  private static let shape: Shape = [1, 8, 6, 7]

  @Test("a recorder runs forward only: what it could but refuse, training, is not asked of it")
  func forwardOnly() {
    let recorder: Any = GraphRecorder(inputShape: Self.shape)
    #expect(recorder is any ForwardKernels)
    #expect(!(recorder is any AdjointKernels))
    #expect(!(recorder is any Kernels))
  }

  @Test(
    "it records every forward operation, and what it has recorded computes the same",
    arguments: KernelSetUnderTest.all, ForwardCase.all)
  func everyOperation(set: KernelSetUnderTest, case: ForwardCase) {
    let input = HashedValues("input").tensor(Self.shape, scale: 2)
    let recorder = GraphRecorder(inputShape: Self.shape)
    let recorded = `case`.run(recorder, recorder.input)
    let expected = set.kernels.plain(`case`.run(set.kernels, input))
    #expect(recorded.shape == expected.shape)
    let found = set.kernels.prepared(recorder.graph(to: recorded))(input)
    #expect(found.shape == expected.shape)
    #expect(scaledDifference(found.values, expected.values) < 1e-5)
  }
}
