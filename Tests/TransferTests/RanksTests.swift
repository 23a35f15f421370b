import CPUKernels
import Foundation
import Models
import Numerics
import Synchronization
import Tensors
import Testing
import Transfer

/// Threads that stand for the processes of a message-passing job.
private final class Threads: @unchecked Sendable {
  let count: Int
  private let condition = NSCondition()
  private var given: [Int: Any] = [:]
  private var last: [Any] = []
  private var meeting = 0

  init(_ count: Int) { self.count = count }

  /// Returns what all threads give, in their order, once all have given it.
  func meet<Values>(_ rank: Int, _ values: Values) -> [Values] {
    condition.lock()
    defer { condition.unlock() }
    let own = meeting
    given[rank] = values
    if given.count == count {
      last = (0..<count).map { given[$0]! }
      given = [:]
      meeting += 1
      condition.broadcast()
    }
    // Nobody can fill the next meeting before this thread has left this one.
    while meeting == own { condition.wait() }
    return last as! [Values]
  }
}

private struct ThreadRank: Ranks {
  let threads: Threads
  let own: Int
  var count: Int { threads.count }

  func gather(_ values: [Double]) -> [[Double]] { threads.meet(own, values) }

  func exchange(_ values: [Float], into slices: inout [Float]) {
    let slice = values.count / count
    slices = threads.meet(own, values).flatMap { $0[own * slice..<(own + 1) * slice] }
  }

  func join(_ slice: [Float], into all: inout [Float]) { all = threads.meet(own, slice).flatMap(\.self) }
  func leave() {}
  func abort(code: Int32) -> Never { fatalError("rank \(own) gave up with \(code)") }
}

@Suite("Processes share a training", .serialized)
struct RanksTests {
  private func recipe(accumulation: Int) -> TrainingRecipe {
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs, recipe.batch, recipe.seed) = (.full, 2, 2, 3)
    (recipe.accumulation, recipe.learningRate) = (accumulation, 2e-3)
    return recipe
  }

  private func train(
    _ recipe: TrainingRecipe, on ranks: any Ranks = SingleRank(), seed: UInt64 = 1
  ) throws -> TrainedModel {
    let model = try TinyProblem.model(seed: seed)
    let material = TinyProblem("training").material(side: 64)
    var loop = TrainingLoop(
      recipe, model: model,
      material: .init(
        training: material.training, validation: material.validation, labelCounts: material.counts),
      kernels: KernelSet.standard, exact: KernelSet.standard, ranks: ranks)
    return try loop.run(progress: { _ in }, isCancelled: { false })
  }

  private func train(_ recipe: TrainingRecipe, onThreads count: Int) throws -> [TrainedModel] {
    let threads = Threads(count)
    let models = Mutex<[Int: TrainedModel]>([:])
    let done = DispatchGroup()
    for own in 0..<count {
      done.enter()
      let thread = Thread {
        let trained = try? train(recipe, on: ThreadRank(threads: threads, own: own))
        let box = Sent(trained)
        models.withLock { $0[own] = box.model }
        done.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    done.wait()
    return models.withLock { all in Sent((0..<count).compactMap { all[$0] }) }.model
  }

  /// A value that one thread hands to another and keeps no hold of.
  private struct Sent<Value>: @unchecked Sendable {
    let model: Value
    init(_ model: Value) { self.model = model }
  }

  @Test(
    "The model has the bytes of one process, whatever the number of processes and batches",
    arguments: [(2, 2), (2, 3), (3, 4)])
  func sameBytes(processes: Int, accumulation: Int) throws {
    let recipe = recipe(accumulation: accumulation)
    let alone = try train(recipe)
    let together = try train(recipe, onThreads: processes)
    #expect(together.count == processes)
    for trained in together {
      #expect(trained.model.bits == alone.model.bits)
      #expect(trained.history == alone.history && trained.warnings == alone.warnings)
    }
  }

  @Test("Processes that do not begin with the same weights do not train together")
  func differing() {
    let threads = Threads(2)
    let failures = Mutex<[TrainingFailure?]>([])
    let done = DispatchGroup()
    for own in 0..<2 {
      done.enter()
      Thread {
        var failure: TrainingFailure?
        do {
          _ = try train(
            recipe(accumulation: 2), on: ThreadRank(threads: threads, own: own), seed: own == 1 ? 2 : 1)
        } catch { failure = error as? TrainingFailure }
        failures.withLock { [failure] in $0.append(failure) }
        done.leave()
      }.start()
    }
    done.wait()
    #expect(failures.withLock { $0 } == [.ranksDiffer(pass: 0), .ranksDiffer(pass: 0)])
  }

  @Test("Where nothing can be shared each process trains alone, to the same bytes, and says so")
  func notShared() throws {
    var recipe = recipe(accumulation: 2)
    recipe.dropout = 0.2
    let (alone, together) = (try train(recipe), try train(recipe, onThreads: 2))
    #expect(together.map(\.model.bits) == [alone.model.bits, alone.model.bits])
    #expect(together[0].warnings.count == alone.warnings.count + 1)
    #expect(
      together[0].warnings.contains { $0.hasPrefix("2 processes were started, but each took all batches") })
    let few = try train(self.recipe(accumulation: 1), onThreads: 2)
    #expect(few[1].warnings.contains { $0.contains("'accumulate' has one batch for each process") })
  }
}
