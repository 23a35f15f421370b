import Foundation
import Host

StandardStream.prepare()

/// `generate-sample-data DIRECTORY [--seed N]`: writes the scenes and labels of `sample-data`.
let usage = "usage: generate-sample-data DIRECTORY [--seed N]\n"
var words = Array(CommandLine.arguments.dropFirst())
var seed = SampleDataset.committedSeed
if let place = words.firstIndex(of: "--seed") {
  guard words.indices.contains(place + 1), let number = UInt64(words[place + 1]) else {
    try? StandardStream.error.write(usage)
    exit(64)
  }
  seed = number
  words.removeSubrange(place...place + 1)
}
guard words.count == 1, !words[0].hasPrefix("-") else {
  try? StandardStream.error.write(usage)
  exit(64)
}
do {
  try SampleDataset(seed: seed, directory: words[0]).write()
} catch {
  try? StandardStream.error.write(
    "generate-sample-data: \(SystemError(foundation: error).map(\.description) ?? "\(error)")\n")
  exit(73)
}
