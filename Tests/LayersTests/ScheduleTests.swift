import Foundation
import Layers
import NumericOracles
import Tensors
import Testing

@Suite("Learning rate schedules")
struct ScheduleTests {
  @Test("a cosine starts at the full rate, is half of it in the middle and ends near 0")
  func cosine() {
    let schedule = LearningRateSchedule(.cosine)
    for step in 0..<100 {
      #expect(abs(schedule.factor(step: step, of: 100) - 0.5 * (1 + cos(.pi * Double(step) / 100))) < 1e-12)
    }
    #expect(schedule.factor(step: 0, of: 100) == 1)
    #expect(abs(schedule.factor(step: 50, of: 100) - 0.5) < 1e-12)
  }

  @Test("steps drop at equal parts of the run")
  func step() {
    let schedule = LearningRateSchedule(.step(drops: 3, factor: 0.1))
    let factors = (0..<9).map { schedule.factor(step: $0, of: 9) }
    for (factor, exponent) in zip(factors, [0, 0, 0, 1, 1, 1, 2, 2, 2]) {
      #expect(abs(factor - pow(0.1, Double(exponent))) < 1e-12)
    }
  }

  @Test(
    "a warm-up climbs in equal steps, then the shape runs over the rest",
    arguments: [
      .constant, .cosine, .step(drops: 2, factor: 0.5), .polynomial(power: 0.9),
      .cosineRestarts(cycles: 3, growth: 2), .oneCycle(), .triangular(cycles: 2, floor: 0.1),
    ] as [LearningRateSchedule.Shape])
  func warmUp(shape: LearningRateSchedule.Shape) {
    let schedule = LearningRateSchedule(shape, warmUp: 0.2)
    let climb = (0..<10).map { schedule.factor(step: $0, of: 50) }
    for (step, factor) in climb.enumerated() { #expect(abs(factor - Double(step + 1) / 11) < 1e-12) }
    let rest = LearningRateSchedule(shape)
    for step in 0..<40 {
      #expect(abs(schedule.factor(step: step + 10, of: 50) - rest.factor(step: step, of: 40)) < 1e-12)
    }
  }

  @Test("a run of one step has the full rate", arguments: [0, 0.5])
  func single(warmUp: Double) {
    let factor = LearningRateSchedule(.cosine, warmUp: warmUp).factor(step: 0, of: 1)
    #expect(factor > 0.6 && factor <= 1)
  }

  /// A schedule, and the name of PyTorch's factors over a number of steps.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let shape: LearningRateSchedule.Shape
    var testDescription: String { name }

    static let all = [
      Case(name: "polynomial", shape: .polynomial(power: 0.9)),
      Case(name: "polynomial-square", shape: .polynomial(power: 2)),
      Case(name: "restarts", shape: .cosineRestarts(cycles: 5)),
      Case(name: "restarts-growing", shape: .cosineRestarts(cycles: 3, growth: 2)),
      Case(name: "one-cycle", shape: .oneCycle()),
      Case(name: "one-cycle-early", shape: .oneCycle(rise: 0.15, start: 0.1, end: 0.001)),
      Case(name: "triangular", shape: .triangular(cycles: 4, floor: 0.1)),
      Case(name: "triangular-uneven", shape: .triangular(cycles: 7, floor: 0.25)),
    ]
  }

  @Test("the factors are PyTorch's", arguments: Case.all)
  func parity(case: Case) throws {
    let expected = try golden.get()["schedule.\(`case`.name)"]!.values
    let schedule = LearningRateSchedule(`case`.shape)
    let found = expected.indices.map { Float(schedule.factor(step: $0, of: expected.count)) }
    #expect(scaledDifference(found, expected) < 1e-6)
  }

  @Test("snapshot ensembles' cycles are one cosine each", arguments: [(60, 6), (100, 7), (5, 5)])
  func snapshots(total: Int, cycles: Int) {
    let schedule = LearningRateSchedule(.cosineRestarts(cycles: cycles))
    let length = (total + cycles - 1) / cycles
    for step in 0..<total {
      let expected = 0.5 * (cos(.pi * Double(step % length) / Double(length)) + 1)
      #expect(abs(schedule.factor(step: step, of: total) - expected) < 1e-12)
    }
  }

  @Test("one cycle ends at its last rate, however few the steps", arguments: [1, 2, 3, 10])
  func shortCycle(total: Int) {
    for rise in [0, 0.3, 1] {
      let schedule = LearningRateSchedule(.oneCycle(rise: rise, start: 0.5, end: 0.25))
      let factors = (0..<total).map { schedule.factor(step: $0, of: total) }
      #expect(factors.allSatisfy { $0 >= 0.25 && $0 <= 1 })
      if total > 1 { #expect(factors.last == (rise == 1 ? 1 : 0.25)) }
    }
  }

  @Test("cycles end where the rate starts again, after the warm-up, and with the run")
  func cycleEnds() {
    func ends(_ shape: LearningRateSchedule.Shape, of total: Int, warmUp: Double = 0) -> [Int] {
      LearningRateSchedule(shape, warmUp: warmUp).cycleEnds(of: total)
    }
    #expect(ends(.cosineRestarts(cycles: 3), of: 30) == [9, 19, 29])
    #expect(ends(.cosineRestarts(cycles: 5), of: 42) == [8, 17, 26, 35, 41])
    #expect(ends(.cosineRestarts(cycles: 3, growth: 2), of: 50) == [7, 23, 49])
    #expect(ends(.cosineRestarts(cycles: 3), of: 40, warmUp: 0.25) == [19, 29, 39])
    #expect(ends(.cosineRestarts(cycles: 6), of: 10) == [1, 3, 5, 7, 9], "two steps each are five cycles")
    #expect(ends(.cosineRestarts(cycles: 4), of: 2) == [0, 1])
    #expect(ends(.triangular(cycles: 4, floor: 0), of: 40) == [9, 19, 29, 39])
    #expect(ends(.triangular(cycles: 3, floor: 0), of: 10) == [3, 6, 9])
    #expect(ends(.triangular(cycles: 5, floor: 0), of: 2) == [0, 1])
    for shape in [.constant, .cosine, .oneCycle()] as [LearningRateSchedule.Shape] {
      #expect(ends(shape, of: 20) == [19])
    }
    #expect(ends(.cosineRestarts(cycles: 3), of: 0) == [])
  }

  @Test(
    "the rate falls from step to step and is the full one again after each cycle's end",
    arguments: [1, 1.5, 2])
  func restarts(growth: Double) {
    let schedule = LearningRateSchedule(.cosineRestarts(cycles: 4, growth: growth), warmUp: 0.1)
    let ends = schedule.cycleEnds(of: 500)
    #expect(ends.count == 4)
    for step in 50..<499 {
      let (here, next) = (schedule.factor(step: step, of: 500), schedule.factor(step: step + 1, of: 500))
      #expect(ends.contains(step) ? next == 1 && here < 0.01 : next < here)
    }
  }
}
