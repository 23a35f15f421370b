import CPUKernels
import Foundation
import Numerics
import Tensors

// Times terrane against its peers: `TerraneBenchmarks [case...]`, all cases without an argument. The results of all cases
// go to RESULTS.md.
let threads = ProcessInfo.processInfo.activeProcessorCount
ComputeThreads.count = threads
let wanted = Array(CommandLine.arguments.dropFirst())
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("terrane-benchmarks-\(getpid())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)

var report = Report()
report.line("# What terrane does in a second, beside its peers")
report.line()
report.line(
  "Written by `make bench`. \(Machine.description); \(KernelSet.standard.name); \(threads) threads.")
report.line(
  "Contestants take turns on the same weights and input; figures are medians, factors medians of the rounds'")
report.line("ratios (least to most).")

let inference = { (subject: InferenceBenchmark.Subject) in
  try InferenceBenchmark(threads: threads, folder: folder).run(subject, &report)
}
let classifier = { (architecture: String) in try inference(.classifier(architecture, in: folder)) }
let training = { (encoder: String, batch: Int, side: Int) in
  try TrainingBenchmark(encoder: encoder, batch: batch, side: side, threads: threads, folder: folder)
    .run(&report)
}
let kernels = { (encoder: String) in try KernelBenchmark(encoder: encoder, folder: folder).run(&report) }
let cases: [(name: String, run: () throws -> Void)] = [
  ("kernels", { try kernels("resnet18") }), ("kernels-resnet50", { try kernels("resnet50") }),
  ("inference", { try inference(.unet("resnet18", in: folder)) }),
  ("inference-resnet50", { try inference(.unet("resnet50", in: folder)) }),
  ("inference-efficientnet-b0", { try inference(.unet("efficientnet-b0", in: folder)) }),
  ("inference-efficientnet-b4", { try inference(.unet("efficientnet-b4", in: folder)) }),
  ("classifier-resnet50", { try classifier("resnet50") }),
  ("classifier-efficientnet", { try classifier("efficientnet_b0") }),
  ("classifier-vit", { try classifier("vit_small_patch16_224") }),
  ("classifier-vit-base", { try classifier("vit_base_patch16_224") }),
  ("training", { try training("resnet18", 8, 256) }),
  ("training-efficientnet-b0", { try training("efficientnet-b0", 8, 128) }),
  ("training-efficientnet-b4", { try training("efficientnet-b4", 4, 128) }),
  (
    "adapter-vit",
    {
      try AdapterBenchmark(architecture: "vit_small_patch16_224", threads: threads, folder: folder)
        .run(&report)
    }
  ),
  ("loss-curve", { try CurveBenchmark(folder: folder).run(&report) }),
  ("scene", { try SceneBenchmark(threads: threads, folder: folder).run(&report) }),
  ("product", { try SceneBenchmark(threads: threads, folder: folder).runProduct(&report) }),
  ("tile", { try TileBenchmark(threads: threads, folder: folder).run(&report) }),
  ("start-up", { try StartUpBenchmark(threads: threads, folder: folder).run(&report) }),
  ("contention", { try ContentionBenchmark(threads: threads, folder: folder).run(&report) }),
  ("growth", { try GrowthBenchmark(threads: threads, folder: folder).run(&report) }),
]
let unknown = wanted.filter { name in !cases.contains { $0.name == name } }
guard unknown.isEmpty else {
  print("no case \(unknown.joined(separator: ", ")); there are \(cases.map(\.name).joined(separator: ", "))")
  exit(2)
}
do {
  for benchmark in cases where wanted.isEmpty || wanted.contains(benchmark.name) { try benchmark.run() }
} catch {
  try? FileManager.default.removeItem(at: folder)
  print("benchmarks: \(error)")
  exit(1)
}
try? FileManager.default.removeItem(at: folder)
if wanted.isEmpty {
  let results = Peers.folder.deletingLastPathComponent().appendingPathComponent("RESULTS.md")
  try report.text.write(to: results, atomically: true, encoding: .utf8)
}
