import NumericOracles
import Tensors
import Testing

@Suite("Sums, channels and matrices on every kernel set")
struct ElementwiseConformanceTests {
  @Test("sums and rectified sums, whatever the layouts", arguments: KernelSetUnderTest.all, activationShapes)
  func sums(set: KernelSetUnderTest, shape: Shape) {
    let (a, b) = (HashedValues("a").tensor(shape), HashedValues("b").tensor(shape))
    let (kernels, sums) = (set.kernels, zip(a.values, b.values).map(+))
    for (left, right) in [
      (a, b), (kernels.native(a), b), (a, kernels.native(b)), (kernels.native(a), kernels.native(b)),
    ] {
      #expect(kernels.plain(kernels.sum(left, right)).values == sums)
      #expect(kernels.plain(kernels.rectifiedSum(left, right)).values == sums.map { max(0, $0) })
    }
  }

  @Test(
    "a ReLU's gradient passes where the output is positive", arguments: KernelSetUnderTest.all,
    activationShapes)
  func rectifierGradient(set: KernelSetUnderTest, shape: Shape) {
    let gradient = HashedValues("gradient").tensor(shape)
    let output = Tensor(HashedValues("output").tensor(shape).values.map { max(0, $0) }, shape: shape)
    let expected = zip(gradient.values, output.values).map { $1 > 0 ? $0 : 0 }
    let found = set.kernels.rectifierGradient(set.kernels.native(gradient), output: output)
    #expect(set.kernels.plain(found).values == expected)
  }

  @Test(
    "joining along the channels and cutting again gives the parts", arguments: KernelSetUnderTest.all,
    [[1], [3, 6], [16, 16], [16, 13, 1], [1, 17, 32], [64, 48]])
  func channels(set: KernelSetUnderTest, channels: [Int]) {
    let parts = channels.enumerated().map { HashedValues("part \($0)").tensor([2, $1, 5, 3]) }
    var joined: [Float] = []
    for image in 0..<2 {
      for part in parts {
        let count = part.shape.count / 2
        joined += part.values[image * count..<(image + 1) * count]
      }
    }
    for inputs in [parts, parts.map(set.kernels.native), [set.kernels.native(parts[0])] + parts.dropFirst()] {
      let found = set.kernels.concatenation(inputs)
      #expect(found.shape == [2, channels.reduce(0, +), 5, 3])
      #expect(set.kernels.plain(found).values == joined)
      let cut = set.kernels.channelSplit(set.kernels.native(found), channels: channels)
      #expect(cut.map { set.kernels.plain($0).values } == parts.map(\.values))
    }
  }

  @Test(
    "matrix products, either side transposed", arguments: KernelSetUnderTest.all,
    [[1, 1, 1], [3, 17, 5], [64, 33, 20]])
  func matrixProduct(set: KernelSetUnderTest, extents: [Int]) {
    let (rows, inner, columns) = (extents[0], extents[1], extents[2])
    for (transposeLeft, transposeRight) in [(false, false), (true, false), (false, true), (true, true)] {
      let left = HashedValues("left").tensor(transposeLeft ? [inner, rows] : [rows, inner])
      let right = HashedValues("right").tensor(transposeRight ? [columns, inner] : [inner, columns])
      var expected: [Double] = []
      for row in 0..<rows {
        for column in 0..<columns {
          expected.append(
            (0..<inner).reduce(0.0) { sum, k in
              let a = left.values[transposeLeft ? k * rows + row : row * inner + k]
              let b = right.values[transposeRight ? column * inner + k : k * columns + column]
              return sum + Double(a) * Double(b)
            })
        }
      }
      let found = set.kernels.matrixProduct(
        left, right, transposeLeft: transposeLeft, transposeRight: transposeRight)
      #expect(found.shape == [rows, columns])
      #expect(scaledDifference(found.doubles, expected) < 1e-5)
    }
  }

  @Test(
    "a plain tensor comes back from the set's own layout bit by bit", arguments: KernelSetUnderTest.all,
    activationShapes)
  func layouts(set: KernelSetUnderTest, shape: Shape) {
    let tensor = HashedValues("layout").tensor(shape)
    #expect(set.kernels.plain(set.kernels.native(tensor)).values == tensor.values)
  }

  @Test(
    "NaN goes through convolutions, normalisations without ReLU, resampling and sums, in its own place",
    arguments: KernelSetUnderTest.all)
  func notANumber(set: KernelSetUnderTest) {
    let kernels = set.kernels
    let input = kernels.native(Tensor([1, .nan, -2, 3], shape: [1, 1, 2, 2]))
    let (one, zero) = (Tensor(repeating: 1, shape: [1]), Tensor(repeating: 0, shape: [1]))
    let results = [
      kernels.convolution(
        input, weight: Tensor([0], shape: [1, 1, 1, 1]), bias: nil, kernel: SlidingKernel(size: 1)),
      kernels.batchNormalization(
        input, scale: one, shift: zero, mean: zero, variance: one, epsilon: 1e-5, relu: false),
      kernels.sum(input, input), kernels.rectifiedSum(input, input),
      kernels.nearestResampling(input, height: 2, width: 2),
    ]
    for result in results {
      #expect(kernels.plain(result).values.map(\.isNaN) == [false, true, false, false])
    }
  }
}
