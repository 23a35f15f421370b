import CPUKernels
import NumericOracles
import Tensors
import Testing

@Suite("Numbers of bfloat16")
struct PrecisionTests {
  @Test(
    "are the nearest to a Float32, the even one of two",
    arguments: [
      (1, 0x3F80), (-2, 0xC000), (0, 0), (-0.0, 0x8000), (Float.infinity, 0x7F80),
      // Halfway between two: 1 + 2^-8 goes down to even, 1 + 3 * 2^-8 up.
      (1.003_906_25, 0x3F80), (1.011_718_75, 0x3F82), (1.003_906_4, 0x3F81),
      // The largest Float32 is nearer to infinity than to the largest bfloat16.
      (Float.greatestFiniteMagnitude, 0x7F80), (Float.leastNonzeroMagnitude, 0),
    ] as [(Float, UInt16)])
  func rounding(value: Float, bits: UInt16) {
    #expect(BFloat16(rounding: value).bits == bits)
  }

  @Test("keep a NaN one, whatever its payload")
  func notANumber() {
    for payload: UInt32 in [0x7F80_0001, 0x7FFF_FFFF, 0xFFC0_0000, 0xFF80_0100] {
      #expect(BFloat16(rounding: Float(bitPattern: payload)).float.isNaN)
    }
  }

  @Test("come back from Float32 as they were")
  func roundTrip() {
    for bits in UInt16.min...UInt16.max where !BFloat16(bits: bits).float.isNaN {
      #expect(BFloat16(rounding: BFloat16(bits: bits).float).bits == bits)
    }
  }

  @Test("are added and rectified as Float32 and rounded once")
  func sums() {
    let shape: Shape = [2, 32, 5, 3]
    let (a, b) = (stored(HashedValues("a").tensor(shape)), stored(HashedValues("b").tensor(shape)))
    let kernels = KernelSet.all[0]
    func expect(_ found: Tensor, _ operation: (Float, Float) -> Float) {
      #expect(found.layout == a.layout)
      for index in 0..<shape.count {
        let (x, y) = (a.elements(BFloat16.self)[index].float, b.elements(BFloat16.self)[index].float)
        let expected = BFloat16(rounding: operation(x, y)).bits
        #expect(found.elements(BFloat16.self)[index].bits == expected)
      }
    }
    expect(kernels.sum(a, b), +)
    expect(kernels.rectifiedSum(a, b)) { max(0, $0 + $1) }
    expect(kernels.rectifierGradient(a, output: b)) { $1 > 0 ? $0 : 0 }
  }

  @Test("are joined along the channels and cut again in whole blocks")
  func channels() {
    let (a, b) = (
      stored(HashedValues("a").tensor([2, 16, 3, 5])), stored(HashedValues("b").tensor([2, 32, 3, 5]))
    )
    let kernels = KernelSet.all[0]
    let joined = kernels.concatenation([a, b])
    #expect(joined.layout == a.layout && joined.shape == [2, 48, 3, 5])
    // The blocks of an image lie one after the other: those of a, then those of b.
    let (ofA, ofB) = (16 * 15, 32 * 15)
    for image in 0..<2 {
      for index in 0..<ofA + ofB {
        let expected =
          index < ofA
          ? a.elements(BFloat16.self)[image * ofA + index]
          : b.elements(BFloat16.self)[image * ofB + index - ofA]
        #expect(joined.elements(BFloat16.self)[image * (ofA + ofB) + index].bits == expected.bits)
      }
    }
    let cut = kernels.channelSplit(joined, channels: [16, 32])
    for (found, expected) in zip(cut, [a, b]) {
      #expect(found.layout == expected.layout)
      for index in 0..<expected.shape.count {
        #expect(found.elements(BFloat16.self)[index].bits == expected.elements(BFloat16.self)[index].bits)
      }
    }
  }

  /// The values in blocks of 16 channels, in whatever order.
  private func stored(_ tensor: Tensor) -> Tensor {
    let result = Tensor(uninitialized: tensor.shape, layout: .blocked(16, .bf16))
    for (index, value) in tensor.values.enumerated() {
      result.elements(BFloat16.self)[index] = BFloat16(rounding: value)
    }
    return result
  }
}
