import Foundation
import Pipelines
import Runs
import Testing

@Suite("What runs leave behind for ever, and what not")
struct PruningTests {
  private static let day = 24.0 * 3600

  private static func directory(_ path: String, in site: Site, daysAgo days: Double = 0) throws {
    let url = site.output.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -days * day)], ofItemAtPath: url.path)
  }

  private static func names(_ path: String, in site: Site) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: site.output.appendingPathComponent(path).path)
      .sorted()
  }

  @Test("The newest hundred records stay, and all of the last 30 days")
  func runs() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    for index in 0..<130 { try Self.directory("runs/20200101T000\(100 + index)Z-aaaa", in: site) }
    let recent = (0..<3).map { _ in RunRecord.newID(Date(timeIntervalSinceNow: -29 * Self.day)) }
    for name in recent + ["notes"] { try Self.directory("runs/\(name)", in: site) }
    Pruning.prune(below: site.output, keeping: try site.plan())
    let left = try Self.names("runs", in: site)
    #expect(left.count == 101 && left.contains("notes") && left.contains("20200101T000229Z-aaaa"))
    #expect(!left.contains("20200101T000100Z-aaaa") && Set(recent).isSubset(of: left))
    // Nothing is too old to stay while there are few.
    Pruning.prune(
      below: site.output, keeping: try site.plan(), now: Date(timeIntervalSinceNow: 90 * Self.day))
    #expect(try Self.names("runs", in: site).count == 101)
  }

  @Test("A cached map goes when no run has planned it for 30 days, not when another night maps other scenes")
  func caches() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    let planned = try #require(try site.plan().jobs.first { $0.placement == .cache }?.directory)
    try Self.directory(planned, in: site, daysAgo: 200)
    try Self.directory("cache/gone/0123456789abcdef", in: site, daysAgo: 31)
    try Self.directory("cache/other/0123456789abcdef", in: site, daysAgo: 29)
    try Self.directory("cache/unfinished/0123456789abcdef", in: site, daysAgo: 31)
    Pruning.prune(below: site.output, keeping: try site.plan())
    #expect(site.exists(planned) && !site.exists("cache/gone") && site.exists("cache/other/0123456789abcdef"))
    #expect(site.exists("cache/unfinished/0123456789abcdef"))
    // The map that was planned counts as used now: the next thirty nights may map other scenes.
    try FileManager.default.createDirectory(
      at: site.directory.appendingPathComponent("other"), withIntermediateDirectories: true)
    try site.write("other/b.txt", "two")
    Pruning.prune(
      below: site.output, keeping: try site.plan(["data.scenes=other"]),
      now: Date(timeIntervalSinceNow: 29 * Self.day))
    #expect(site.exists(planned))
  }
}
