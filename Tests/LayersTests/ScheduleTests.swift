import Foundation
import Layers
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
    arguments: [.constant, .cosine, .step(drops: 2, factor: 0.5)] as [LearningRateSchedule.Shape])
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
}
