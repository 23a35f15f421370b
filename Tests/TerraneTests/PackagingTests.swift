import Foundation
import Testing

extension EndToEnd {
  /// What packages say of the libraries that the command needs.
  @Suite("Packaging")
  struct PackagingTests {
    /// Asks for the GDAL library of a program, which the shell knows as `$0` where it is the command.
    private func library(of program: String, in site: Workplace, path: String = "/usr/bin:/bin") throws
      -> TerraneCommand.CommandExit
    {
      let script = SmallScene.package.appendingPathComponent("Packaging/gdal-library.sh").path
      return try TerraneCommand.shell(
        "sh '\(script)' \(program)", in: site.directory, environment: ["HOME": "/tmp", "PATH": path])
    }

    @Test("The library is that of the release that the command was built with, for users without /sbin too")
    func own() throws {
      let site = try Workplace()
      let version = try TerraneCommand.run("--version").output
      let minor = try #require(version.firstMatch(of: /rasters: GDAL 3\.(\d+)/).flatMap { Int($0.output.1) })
      let found = try library(of: "\"$0\"", in: site)
      #expect(found.code == 0 && found.output.hasSuffix("/libgdal.so.\(26 + minor)\n"), "\(found)")
    }

    @Test(
      "A release that is not installed, and a program that names none, end with a message",
      arguments: [
        ("rasters: GDAL 3.173.0, PROJ 9.1.1", "the loader finds no libgdal.so.199"),
        ("rasters: cannot load GDAL 3.6", "names no GDAL: cannot load GDAL 3.6"),
      ])
    func missing(line: String, message: String) throws {
      let site = try Workplace()
      try site.write("fake.sh", "#!/bin/sh\necho 0.1.0\necho '\(line)'\n")
      chmod(site.path("fake.sh"), 0o755)
      let refused = try library(of: "./fake.sh", in: site)
      #expect(refused.code == 1 && refused.output.isEmpty && refused.errors.contains(message), "\(refused)")
    }
  }
}
