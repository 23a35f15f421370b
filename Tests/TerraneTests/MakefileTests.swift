import Foundation
import Testing

extension EndToEnd {
  /// The targets that README and CONTRIBUTING name. What .PHONY names without a rule does nothing, with exit
  /// 0: a merge once lost three of them so.
  @Suite("The Makefile")
  struct MakefileTests {
    private static let makefile = SmallScene.package.appendingPathComponent("Makefile")

    private func lines() throws -> [Substring] {
      try String(contentsOf: Self.makefile, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
    }

    @Test("Every target that .PHONY names has a rule with a recipe, or with what it stands for")
    func rules() throws {
      let lines = try lines()
      let phony = lines.filter { $0.hasPrefix(".PHONY:") }.flatMap { $0.split(separator: " ").dropFirst() }
      #expect(phony.count > 10)
      for target in phony {
        let rules = lines.indices.filter { lines[$0].hasPrefix("\(target):") }
        #expect(rules.count == 1, "\(target)")
        guard let rule = rules.first else { continue }
        let needs = lines[rule].dropFirst(target.count + 1).prefix { $0 != "#" }.split(separator: " ")
        #expect(!needs.isEmpty || lines[rule + 1].hasPrefix("\t"), "\(target) does nothing")
      }
    }

    @Test(
      "Every target that the documents tell people to run is there",
      arguments: ["README.md", "CONTRIBUTING.md"])
    func documented(name: String) throws {
      let text = try String(contentsOf: SmallScene.package.appendingPathComponent(name), encoding: .utf8)
      let targets = Set(
        try lines().compactMap { line in line.firstIndex(of: ":").map { String(line[..<$0]) } })
      // `make bench` in a sentence, `    make demo     # ...` in a listing.
      let named = text.matches(of: /(?:`|^ {4})make ([a-z][a-z-]*)/.anchorsMatchLineEndings()).map {
        String($0.output.1)
      }
      #expect(named.count > 1)
      for target in named { #expect(targets.contains(target), "\(name): make \(target)") }
    }

    @Test(
      "make install puts the command and its completions into a folder, from where the command runs",
      arguments: ["/usr/local", "~/.local"])
    func install(prefix: String) throws {
      let site = try Workplace()
      // The rest of the rule is the build, which has been: this is its binary.
      let recipe = try site.recipe(of: "install", in: lines())
      let built = try #require(TerraneCommand.executable)
      let installed = try site.shell(
        recipe.replacing("$(DESTDIR)", with: site.path("root")).replacing("$(PREFIX)", with: prefix)
          .replacing("$(folder)/release/terrane", with: built.path).replacing("$$", with: "$"))
      #expect(installed.code == 0, "\(installed.text)")
      // dash leaves the tilde of an argument of make as it is.
      let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
      let prefix = "root\(prefix.replacing("~", with: home))/"
      for name in [
        "share/bash-completion/completions/terrane", "share/zsh/site-functions/_terrane",
        "share/fish/vendor_completions.d/terrane.fish",
      ] {
        let text = try String(contentsOfFile: site.path(prefix + name), encoding: .utf8)
        #expect(text.contains("terrane") && text.contains("dry-run"), "\(name)")
      }
      #expect(!site.exists("~"))
      let version = try site.shell("cd / && '\(site.path(prefix + "bin/terrane"))' --help")
      #expect(version.code == 0 && version.text.contains("USAGE: terrane"), "\(version.text)")
    }
  }
}

extension Workplace {
  /// The recipe of a rule as one script.
  fileprivate func recipe(of target: String, in lines: [Substring]) throws -> String {
    let rule = try #require(lines.firstIndex { $0.hasPrefix("\(target):") })
    return lines[(rule + 1)...].prefix { $0.hasPrefix("\t") }.map { line in
      let command = line.dropFirst()
      return String(command.hasPrefix("@") ? command.dropFirst() : command)
    }.joined(separator: "\n")
  }

  /// Runs a script as make does, and says what it wrote.
  fileprivate func shell(_ script: String) throws -> (code: Int32, text: String) {
    try write("script.sh", script)
    try write("said", "")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-e", path("script.sh")]
    let said = try FileHandle(forWritingTo: URL(fileURLWithPath: path("said")))
    (process.standardOutput, process.standardError) = (said, said)
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: path("said"), encoding: .utf8))
  }
}
