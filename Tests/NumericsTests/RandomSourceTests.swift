import Numerics
import Testing

@Suite("The seeded random source")
struct RandomSourceTests {
  @Test("the stream is SplitMix64's")
  func published() {
    // A seed equal to the empty name's hash starts the generator at 0, for which its authors' first values
    // are known; the source passes over the first.
    var random = RandomSource(seed: 0xcbf2_9ce4_8422_2325, stream: "")
    #expect([random.next(), random.next()] == [0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f])
  }

  @Test("a seed and a name give one stream, others give others")
  func streams() {
    func values(_ seed: UInt64, _ stream: String) -> [UInt64] {
      var random = RandomSource(seed: seed, stream: stream)
      return (0..<4).map { _ in random.next() }
    }
    #expect(values(1, "a") == values(1, "a"))
    #expect(Set([values(1, "a"), values(2, "a"), values(1, "b"), values(1, "ab")]).count == 4)
  }

  @Test("a branch is a stream of its own, from where the source stands and without moving it")
  func branches() {
    var random = RandomSource(seed: 9, stream: "trunk")
    var untouched = random
    func values(_ name: String) -> [UInt64] {
      var branch = random.branch(name)
      return (0..<4).map { _ in branch.next() }
    }
    let (first, other) = (values("a"), values("b"))
    #expect(values("a") == first && Set(first + other).count == 8)
    let trunk = (0..<4).map { _ in random.next() }
    #expect(trunk == (0..<4).map { _ in untouched.next() })
    #expect(Set(trunk).isDisjoint(with: first) && values("a") != first)
  }

  @Test("uniform and normal values have their moments", arguments: [1, 2, 3] as [UInt64])
  func moments(seed: UInt64) {
    let count = 100_000
    var random = RandomSource(seed: seed, stream: "moments")
    let uniform = (0..<count).map { _ in random.uniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    let range = (0..<count).map { _ in random.uniform(-3, 5) }
    #expect(range.allSatisfy { $0 >= -3 && $0 < 5 })
    let normal = (0..<count).map { _ in random.normal() }
    #expect(normal.allSatisfy { $0.isFinite })
    // Five standard errors each.
    for (values, mean, variance) in [(uniform, 0.5, 1.0 / 12), (range, 1, 64.0 / 12), (normal, 0, 1)] {
      let found = values.reduce(0, +) / Double(count)
      let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      #expect(abs(found - mean) < 5 * (variance / Double(count)).squareRoot())
      #expect(abs(spread / variance - 1) < 5 * (2 / Double(count)).squareRoot())
    }
  }

  @Test("whole numbers reach every place below the count and no other", arguments: [1, 2, 7, 100])
  func index(count: Int) {
    var random = RandomSource(seed: 4, stream: "index")
    var seen = Set<Int>()
    for _ in 0..<count * 40 { seen.insert(random.index(below: count)) }
    #expect(seen == Set(0..<count))
  }
}
