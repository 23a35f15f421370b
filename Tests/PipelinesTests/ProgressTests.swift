import Foundation
import Pipelines
import Runs
import Settings
import Testing

@Suite("Progress")
struct ProgressTests {
  private func line(_ state: JobProgress.Snapshot, seconds: Double = 20, width: Int = 120) -> String {
    ProgressBar.text(
      position: 1, total: 2, label: "change-detection s1_2023--s1_2024", state: state, seconds: seconds,
      width: width)
  }

  @Test("Steps of an earlier run count as done, not as fast")
  func resumed() {
    let progress = JobProgress()
    progress.begin(20, unit: "steps")
    progress.resume(after: 15)
    progress.advance(by: 2)
    // Two steps in 20 s, three to go.
    #expect(line(progress.snapshot).hasSuffix("17/20 steps  0.1/s  30 s left"), "\(line(progress.snapshot))")
    progress.begin(20, unit: "steps")
    progress.resume(after: 15)
    #expect(line(progress.snapshot, seconds: 0.4).hasSuffix("15/20 steps  0.4 s"))
  }

  @Test("The count stays whatever the width, the label gives way", arguments: [120, 60, 40, 30, 24])
  func narrow(width: Int) {
    let progress = JobProgress()
    progress.begin(384, unit: "rows")
    progress.advance(by: 120)
    progress.note("estimating")
    let text = line(progress.snapshot, width: width)
    #expect(text.count < width && text.contains("120/384 rows") && text.hasPrefix("[1/2] c"), "\(text)")
  }

  @Test("Where the end is not known the count alone is shown, and moves")
  func open() {
    let progress = JobProgress()
    progress.begin(0, unit: "rows read")
    progress.advance(by: 1000)
    #expect(line(progress.snapshot).contains("1000 rows read  50.0/s"))
  }

  @Test("A stage and its subject of one name are said once; what a stage comes to stays in a line")
  func tally() throws {
    let site = try Site()
    for name in ["a", "b"] { try site.write("incoming/\(name).txt", name == "b" ? "bad" : "one") }
    let report = try site.run()
    var (one, many) = (StageTally(), StageTally())
    for outcome in report.outcomes where outcome.job.stage == "map" {
      many.stage = "map"
      many.add(outcome, note: "")
    }
    #expect(many.text?.hasPrefix("map: 1 done, 1 failed in ") == true)
    let trained = try #require(report.outcomes.first { $0.job.stage == "train" })
    one.stage = "train"
    #expect(one.text == nil)
    one.add(trained, note: "full 4/4, loss 1.365")
    #expect(
      one.text?.hasPrefix("train: done in ") == true && one.text?.hasSuffix(", full 4/4, loss 1.365") == true)
    #expect(
      trained.job.label == (trained.job.subject == "train" ? "train" : "train \(trained.job.subject)"))
  }

  @Test("Each pass of a training is told, in words and in the log")
  func passes() {
    let pass = TrainingPass(
      phase: "full", epoch: 3, epochs: 30, loss: 0.41234, validation: 0.5771, metric: "mIoU")
    #expect(pass.description == "full 3/30, loss 0.412, mIoU 0.577")
    #expect(
      JSONValue.object(pass.members).canonical
        == #"{"epoch":3,"epochs":30,"loss":0.41234,"mIoU":0.5771,"phase":"full"}"#)
    let held = TrainingPass(
      training: "seed-1-head", phase: "head", epoch: 1, epochs: 2, loss: .infinity, validation: nil,
      metric: "mIoU")
    #expect(held.description == "seed-1-head, head 1/2, loss inf")
    let (progress, heard) = (JobProgress(), Heard())
    progress.onPass { heard.passes.append($0) }
    progress.ended(pass)
    progress.ended(held)
    #expect(heard.passes == [pass, held])
  }

  private final class Heard: @unchecked Sendable { var passes: [TrainingPass] = [] }
}
