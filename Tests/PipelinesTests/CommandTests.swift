import Foundation
import Testing

/// The command as a process of its own, as cron starts it.
private struct Command {
  let executable: URL

  init() throws { executable = try #require(BuiltCommand.executable) }

  func run(
    _ arguments: [String], in directory: URL? = nil
  ) throws -> (code: Int32, output: String, errors: String) {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ["HOME": "/tmp", "PATH": "/usr/bin:/bin"]
    process.currentDirectoryURL = directory
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let written = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: written, as: UTF8.self),
      String(decoding: complaints, as: UTF8.self)
    )
  }
}

@Suite("The command in cron's environment", .startsCommand)
struct CommandTests {
  @Test(
    "Wrong usage ends with 64",
    arguments: [
      ["run"], ["walk"], ["run", "x.yaml", "--set", "nonsense"], ["run", "x.yaml", "--threads", "0"],
      ["run", "x.yaml", "--deadline", "soon"], ["init", "--task", "cooking"],
    ])
  func usage(arguments: [String]) throws {
    let command = try Command()
    let result = try command.run(arguments)
    #expect(result.code == 64 && result.output.isEmpty && result.errors.contains("Usage: terrane"))
  }

  @Test("A pipeline file that is not there ends with 66, a wrong one with 78 and its mistakes")
  func pipelineFiles() throws {
    let command = try Command()
    let site = try Site()
    for verb in ["run", "validate"] {
      let missing = try command.run([verb, "none.yaml"], in: site.directory)
      #expect(missing.code == 66 && missing.errors == "terrane: none.yaml: no such pipeline file\n")
      try site.write("p.yaml", "bands: [a]\nsede: 1\nsensor: custom\nstages: {}\n")
      let wrong = try command.run([verb, "p.yaml"], in: site.directory)
      #expect(wrong.code == 78)
      #expect(
        wrong.errors == """
          p.yaml:2:1: error: unknown key 'sede' in the pipeline file; did you mean 'seed'?
          sede: 1
          ^
          p.yaml:4:9: error: 'stages' must be a list of stages, not a mapping
          stages: {}
                  ^

          """)
      #expect(!FileManager.default.fileExists(atPath: site.output.path))
    }
  }

  @Test("A quiet run with very many mistakes writes 20 lines")
  func quiet() throws {
    let command = try Command()
    let site = try Site()
    try site.write("p.yaml", (0..<50).map { "key\($0): 1\n" }.joined())
    let result = try command.run(["run", "p.yaml", "--quiet"], in: site.directory)
    #expect(result.code == 78 && result.errors.split(separator: "\n").count == 20)
    #expect(result.errors.hasSuffix("terrane: and more; 'terrane validate' shows all\n"))
  }

  @Test("The schema is JSON, and a file is made once", arguments: ["land-cover", "change"])
  func initAndSchema(task: String) throws {
    let command = try Command()
    let site = try Site()
    let schema = try command.run(["schema"])
    #expect(schema.code == 0)
    #expect(try JSONSerialization.jsonObject(with: Data(schema.output.utf8)) is [String: Any])
    let first = try command.run(["init", "--task", task, "--output", "new.yaml"], in: site.directory)
    #expect(first.code == 0 && first.output.isEmpty && first.errors.isEmpty)
    let second = try command.run(["init", "--output", "new.yaml"], in: site.directory)
    #expect(second.code == 73 && second.errors == "terrane: new.yaml: there is such a file already\n")
    let shown = try command.run(["init", "--task", task])
    let written = try String(contentsOf: site.directory.appendingPathComponent("new.yaml"), encoding: .utf8)
    #expect(shown.output == written && written.contains("stages:\n  - pretrain-load:"))
  }

  @Test("What cannot be inspected is said")
  func inspect() throws {
    let command = try Command()
    let site = try Site()
    #expect(try command.run(["inspect", "none.tif"], in: site.directory).code == 66)
    #expect(try command.run(["inspect", "source.txt"], in: site.directory).code == 65)
  }
}
