import Foundation
import Scenes

/// How long the command takes to do nothing.
struct StartUpBenchmark {
  let threads: Int
  let folder: URL

  func run(_ report: inout Report) throws {
    let scene = try SyntheticScene(side: 1024, in: folder)
    let site = try Site(
      BenchmarkNetwork(encoder: "resnet18", in: folder), scene: scene.url, threads: threads, in: folder)
    try site.map()
    // Nothing of it needs GDAL, whose libraries take longer to load than all else.
    let schema = Command(Command.terrane, ["schema"])
    let contest = try Contest(
      [
        Ours(name: "terrane schema") { try schema.run() },
        Ours(name: "terrane run, nothing to do") { try site.runAgain() },
      ], rounds: 11)
    report.heading("Start-up")
    report.line("| | ms |")
    report.line("|---|---:|")
    for index in contest.names.indices {
      report.line("| \(contest.names[index]) | \(Spread(contest.seconds[index].map { 1000 * $0 })) |")
    }
  }
}
