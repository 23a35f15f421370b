import Foundation
import Host
import Pipelines
import Testing

@Suite("What a pipeline may read and write")
struct PipelineConfinementTests {
  @Test("Written are the output directory and what links in it lead to, and nothing beside it")
  func writable() throws {
    let site = try Site()
    let temporary = FileManager.default.temporaryDirectory.path
    // Not even where it is still to be made.
    #expect(try site.pipeline().confinement(writes: true).writable == [site.output.path, temporary])
    let elsewhere = site.directory.appendingPathComponent("scratch")
    for folder in [site.output, elsewhere] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    let cache = site.output.appendingPathComponent("cache")
    try FileManager.default.createSymbolicLink(at: cache, withDestinationURL: elsewhere)
    try FileManager.default.createSymbolicLink(
      at: site.output.appendingPathComponent("nowhere"), withDestinationURL: URL(fileURLWithPath: "/nowhere"))
    let confinement = try site.pipeline().confinement(writes: true)
    #expect(confinement.writable == [site.output.path, cache.path, temporary])
    let reading = try site.pipeline().confinement(writes: false)
    #expect(reading.writable == [temporary] && reading.readable?.contains(cache.path) == true)
  }
}
