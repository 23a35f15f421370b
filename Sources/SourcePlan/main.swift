import Foundation

// The plan of the house: `source-plan check` holds Sources against its rules, `source-plan graph` draws the
// modules of the manifest that `swift package dump-package` prints, read from standard input.

let arguments = CommandLine.arguments.dropFirst()
let sources = URL(fileURLWithPath: "Sources")

switch arguments.first {
case "graph":
  print(try ModuleGraph(manifest: FileHandle.standardInput.readDataToEndOfFile()).mermaid)
case "check":
  let rules = PlanRules(SourceIndex(try SourceFile.all(below: sources)))
  if arguments.contains("--shares") {
    for (module, lines, share) in rules.shares { print("\(module)\t\(lines)\t\(PlanRules.percent(share))") }
  }
  for fault in rules.faults { print("plan: \(fault)") }
  exit(rules.faults.isEmpty ? 0 : 1)
default:
  print("usage: source-plan check [--shares] | graph <manifest.json")
  exit(64)
}
