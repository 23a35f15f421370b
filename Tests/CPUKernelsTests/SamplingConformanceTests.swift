import NumericOracles
import Tensors
import Testing

@Suite("Pooling and resampling on every kernel set")
struct SamplingConformanceTests {
  struct PoolingCase: CustomTestStringConvertible, Sendable {
    let shape: Shape
    let kernel: SlidingKernel
    var testDescription: String { "\(shape), \(kernel.text)" }

    static let all = activationShapes.flatMap { shape in
      [
        SlidingKernel(size: 3, stride: 2, padding: 1), .init(size: 2, stride: 2, padding: 1),
        .init(size: 3, padding: 1),
      ]
      .map { PoolingCase(shape: shape, kernel: $0) }
    }

    /// Kernels that are not square, with other zeros on every side.
    static let oblong = ([[2, 6, 7, 4], [1, 16, 9, 8]] as [Shape]).map {
      PoolingCase(
        shape: $0,
        kernel: SlidingKernel(
          rows: .init(size: 3, stride: 2, before: 0, after: 1), columns: .init(size: 2, before: 1, after: 0)))
    }
  }

  @Test(
    "max pooling takes the largest, its gradient goes where that came from",
    arguments: KernelSetUnderTest.all,
    PoolingCase.all + PoolingCase.oblong)
  func maxPooling(set: KernelSetUnderTest, case: PoolingCase) {
    let (shape, kernel) = (`case`.shape, `case`.kernel)
    // Below zero throughout, so that a padding of zeros would win if it took part.
    let tensor = HashedValues("pool").tensor(shape, scale: 1, offset: -3)
    let input = set.kernels.native(tensor)
    let expected = DoubleReference.maxPooling(DoubleArray(tensor), kernel: kernel)
    let (output, places) = set.kernels.maxPoolingWithPlaces(input, kernel: kernel)
    #expect(set.kernels.plain(output).doubles == expected.values)
    #expect(set.kernels.plain(set.kernels.maxPooling(input, kernel: kernel)).doubles == expected.values)

    let projection = HashedValues("projection").tensor(expected.shape)
    let derivatives = FiniteDifferences().derivatives(at: tensor.doubles, projection: projection.doubles) {
      DoubleReference.maxPooling(DoubleArray(shape, $0), kernel: kernel).values
    }
    let gradient = set.kernels.maxPoolingGradient(
      set.kernels.native(projection), places: places, inputShape: shape, kernel: kernel)
    #expect(scaledDifference(set.kernels.plain(gradient).values, derivatives) < 1e-5)
  }

  @Test(
    "average pooling counts the zeros around, its gradient spreads evenly", arguments: KernelSetUnderTest.all,
    PoolingCase.all + PoolingCase.oblong)
  func averagePooling(set: KernelSetUnderTest, case: PoolingCase) {
    let (shape, kernel) = (`case`.shape, `case`.kernel)
    let tensor = HashedValues("pool").tensor(shape, scale: 1, offset: -3)
    let expected = DoubleReference.averagePooling(DoubleArray(tensor), kernel: kernel)
    let projection = HashedValues("projection").tensor(expected.shape)
    let derivatives = FiniteDifferences().derivatives(at: tensor.doubles, projection: projection.doubles) {
      DoubleReference.averagePooling(DoubleArray(shape, $0), kernel: kernel).values
    }
    for (input, gradient) in [
      (tensor, projection), (set.kernels.native(tensor), set.kernels.native(projection)),
    ] {
      let output = set.kernels.plain(set.kernels.averagePooling(input, kernel: kernel))
      #expect(output.shape == expected.shape)
      #expect(scaledDifference(output.doubles, expected.values) < 1e-6)
      let back = set.kernels.averagePoolingGradient(gradient, inputShape: shape, kernel: kernel)
      #expect(scaledDifference(set.kernels.plain(back).values, derivatives) < 1e-5)
    }
  }

  @Test("of equal maxima the first in row-major order gets the gradient", arguments: KernelSetUnderTest.all)
  func ties(set: KernelSetUnderTest) {
    let shape: Shape = [1, 2, 4, 4]
    let (_, places) = set.kernels.maxPoolingWithPlaces(
      set.kernels.native(Tensor(repeating: 5, shape: shape)), kernel: SlidingKernel(size: 2, stride: 2))
    let gradient = set.kernels.maxPoolingGradient(
      Tensor(repeating: 1, shape: [1, 2, 2, 2]), places: places, inputShape: shape,
      kernel: SlidingKernel(size: 2, stride: 2))
    let plane: [Float] = [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]
    #expect(set.kernels.plain(gradient).values == plane + plane)
  }

  @Test(
    "nearest resampling copies, its gradient sums", arguments: KernelSetUnderTest.all, ResamplingCase.all)
  func nearest(set: KernelSetUnderTest, case: ResamplingCase) {
    let shape = `case`.shape
    let tensor = HashedValues("nearest").tensor(shape)
    let (height, width) = (`case`.resize.of(shape.height), `case`.resize.of(shape.width))
    let expected = DoubleReference.nearest(DoubleArray(tensor), height: height, width: width)
    for input in [tensor, set.kernels.native(tensor)] {
      let found = set.kernels.nearestResampling(input, height: height, width: width)
      #expect(found.shape == expected.shape)
      #expect(set.kernels.plain(found).doubles == expected.values)
    }
    let projection = HashedValues("projection").tensor(expected.shape)
    let derivatives = FiniteDifferences().derivatives(at: tensor.doubles, projection: projection.doubles) {
      DoubleReference.nearest(DoubleArray(shape, $0), height: height, width: width).values
    }
    let gradient = set.kernels.nearestResamplingGradient(projection, inputShape: shape)
    #expect(scaledDifference(set.kernels.plain(gradient).values, derivatives) < 1e-5)
  }

  struct ResamplingCase: CustomTestStringConvertible, Sendable {
    let shape: Shape
    let resize: Resize
    var testDescription: String { "\(shape), \(resize)" }

    static let all = activationShapes.flatMap { shape in
      [Resize.double, .oneLess, .triple, .odd].map { ResamplingCase(shape: shape, resize: $0) }
    }
  }

  /// How the decoder's maps grow: whole factors, one pixel less than twice, anything.
  enum Resize: Sendable {
    case double, oneLess, triple, odd

    func of(_ extent: Int) -> Int {
      switch self {
      case .double: 2 * extent
      case .oneLess: 2 * extent - 1
      case .triple: 3 * extent
      case .odd: extent * 5 / 3 + 1
      }
    }
  }
}
