import NumericOracles
import Tensors
import Testing

@Suite("Tensors in memory that the host does not address")
struct StorageTests {
  private static func distant(_ values: [Float]) -> Tensor {
    Tensor([values.count], in: values.withUnsafeBytes { DistantStorage(copying: $0) })
  }

  @Test("values are lent as a copy, and a tensor of the host is its own host tensor")
  func values() {
    let tensor = Self.distant([1, 2, 3])
    #expect(tensor.device == DistantKernels.place && tensor.onHost.device == .host)
    #expect(tensor.values == [1, 2, 3] && tensor.onHost.values == [1, 2, 3])
    let own = Tensor([1, 2, 3], shape: [3])
    #expect(own.device == .host && own.onHost === own)
  }

  @Test("a change reaches the memory, and copies of the tensor in other layouts are forgotten")
  func change() {
    let tensor = Self.distant([1, 2, 3])
    tensor.reordered["blocked"] = Self.distant([1, 2, 3])
    let last = tensor.mutate { values in
      values[1] = 20
      return values[2]
    }
    #expect(last == 3 && tensor.values == [1, 20, 3] && tensor.reordered.isEmpty)
  }

  @Test("code that takes host memory for granted stops")
  func address() async {
    await #expect(processExitsWith: .failure) {
      let values: [Float] = [1, 2, 3]
      let tensor = Tensor([3], in: values.withUnsafeBytes { DistantStorage(copying: $0) })
      _ = tensor.hostValues[0]
    }
  }
}
