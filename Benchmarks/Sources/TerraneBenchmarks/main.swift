import Foundation
import Tensors

let threads = ProcessInfo.processInfo.activeProcessorCount
ComputeThreads.count = threads
print(
  "U-Net, ResNet-18, 13 bands, 6 classes; \(KernelSet.standard.name), \(threads) threads; median (least to most)"
)
let benchmark = try NetworkBenchmark()
benchmark.measureForward()
try benchmark.measureWindows()
try benchmark.measureTraining()
