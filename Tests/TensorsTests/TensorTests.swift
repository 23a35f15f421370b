import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Tensors and their memory")
struct TensorTests {
  @Test("a blocked layout stores whole blocks")
  func storedCount() {
    let shape: Shape = [2, 17, 3, 5]
    #expect(Layout.plain.storedCount(of: shape) == 510)
    #expect(Layout.blocked(8, .fp32).storedCount(of: shape) == 2 * 24 * 15)
    #expect(Layout.blocked(16, .bf16).storedCount(of: shape) == 2 * 32 * 15)
    #expect(Layout.blocked(16, .fp32).storedCount(of: [1, 16, 1, 1]) == 16)
  }

  @Test(
    "memory is aligned to cache lines, whatever the size", arguments: [1, 3, 17, 1000, 20_000, 1_234_567])
  func alignment(count: Int) {
    let tensor = Tensor(repeating: 1, shape: [count])
    #expect(tensor.withValues { UInt(bitPattern: $0.baseAddress!) % 64 } == 0)
    #expect(tensor.values.allSatisfy { $0 == 1 })
  }

  @Test("living tensors never share memory, even when sizes come back from the pool")
  func pool() {
    var random = RandomSource(seed: 1, stream: "pool")
    var living: [(tensor: Tensor, value: Float)] = []
    for step in 0..<2000 {
      if living.count > 20 { living.remove(at: random.index(below: living.count)) }
      let value = Float(step)
      living.append((Tensor(repeating: value, shape: [1 + random.index(below: 40_000)]), value))
      if step % 500 == 0 { MemoryPool.shared.trim() }
      if step % 50 == 0 {
        for (tensor, value) in living { #expect(tensor.values.allSatisfy { $0 == value }) }
      }
    }
  }

  @Test("shapes print as they are written, and a scalar counts one")
  func shapes() {
    let shape: Shape = [8, 13, 256, 255]
    #expect("\(shape)" == "[8, 13, 256, 255]")
    #expect(shape.batch == 8 && shape.channels == 13 && shape.height == 256 && shape.width == 255)
    #expect(shape.count == 8 * 13 * 256 * 255)
    #expect(Shape([]).count == 1 && Shape([3, 0]).count == 0)
  }
}
