import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Settings
import Testing

@Suite("Ledger and keys")
struct LedgerTests {
  @Test(
    "A record file that lacks its end costs its own task, and is whole after the next run",
    arguments: [1, 20, 200])
  func tornRecord(cut: Int) throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    let url = Ledger.recordFile(of: "publish:a", in: .products, below: site.output)
    let whole = try Data(contentsOf: url)
    try whole.dropLast(cut).write(to: url)
    let resumed = try site.run()
    // Without its line feed alone, the record is still whole.
    let last = cut == 1 ? "up-to-date" : "done"
    #expect(resumed.words == ["train:model: up-to-date", "map:a: up-to-date", "publish:a: \(last)"])
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
  }

  @Test("Garbage in record files costs work, nothing else")
  func garbage() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    for (job, placement) in [("train:model", Placement.models), ("map:a", .cache), ("publish:a", .products)] {
      try Data("\u{0}\u{0}{]\n{\"done\": 3}\nnull\n".utf8)
        .write(to: Ledger.recordFile(of: job, in: placement, below: site.output))
    }
    #expect(try site.run().words == ["train:model: done", "map:a: done", "publish:a: done"])
  }

  @Test("Keys do not depend on where things lie, nor on threads")
  func movedDirectory() throws {
    let (first, second) = (try Site(), try Site())
    for site in [first, second] { try site.write("incoming/a.txt", "one") }
    #expect(try first.plan().jobs.map(\.key) == second.plan().jobs.map(\.key))
    try first.run(threads: 1)
    #expect(try first.run(threads: 7).words.allSatisfy { $0.hasSuffix("up-to-date") })
  }

  @Test(
    "A key of training changes with the rasters of a directory and their masks, not with what lies beside them"
  )
  func keysOfDirectories() throws {
    let site = try Site()
    try FileManager.default.createDirectory(
      at: site.directory.appendingPathComponent("dated"), withIntermediateDirectories: true)
    for band in ["B02", "B03"] { try site.write("dated/\(band).tif", band) }
    site.source = "scene: dated"
    try site.write("incoming/a.txt", "one")
    func key() throws -> String { try #require(site.plan().jobs.first).key }
    let before = try key()
    // The same as a version before this one made of a directory without anything else.
    let directory = site.directory.appendingPathComponent("dated")
    #expect(
      try site.plan().jobs.first?.components.inputs["source 0"]
        == self.key(ofDigest: Self.hash(ContentHashes(store: nil, kinds: .rasters), of: directory)))
    for name in ["B02.tif.aux.xml", "notes.txt", "quicklook.png.aux.xml"] {
      try site.write("dated/\(name)", "x")
    }
    #expect(try key() == before)
    var job = try #require(site.plan().jobs.first)
    try site.write("dated/B03.tif.aux.xml", "statistics")
    try job.checkInputs()
    for name in ["B02.tif.msk", "B02.tif"] {
      let earlier = try key()
      job = try #require(site.plan().jobs.first)
      try site.write("dated/\(name)", "y")
      let path = site.directory.appendingPathComponent("dated/\(name)").path
      #expect(throws: InputFailure.changed(path)) { try job.checkInputs() }
      #expect(try key() != earlier)
    }
  }

  /// The content of an entry that says nothing beside its scene.
  private func key(ofDigest digest: String) throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("terrane-\(UUID().uuidString)")
    try Data(#"["\#(digest)",null,null,null]"#.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try Self.hash(ContentHashes(store: nil, kinds: .rasters), of: url)
  }

  @Test("Whether other classes are ignored is part of a key, where it is said")
  func keysOfOtherClasses() throws {
    let site = try Site()
    try site.write("labels.geojson", "{}")
    try site.write("incoming/a.txt", "one")
    func key(_ words: String) throws -> String {
      site.source = "scene: source.txt, labels: labels.geojson\(words)"
      return try #require(site.plan().jobs.first).key
    }
    #expect(try key("") == key(", other-classes: refuse"))
    #expect(try key("") != key(", other-classes: ignore"))
  }

  @Test("A key holds values and names of the classes, and their colours as the file writes them")
  func keysOfClasses() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    site.classes = "[{value: 1, name: one, color: '#419BdF'}, {value: 9, name: two}]"
    let shared = try #require(site.plan().jobs.last).components.shared
    #expect(
      shared.canonical == ##"{"classes":[[1,"one"],[9,"two"]],"colors":["#419BdF","#808080"]}"##)
    #expect(try site.pipeline().file.classes.map(\.color.description) == ["#419bdf", "#808080"])
  }

  @Test(
    "A key changes with what can change bytes, in the tasks that depend on it and no others",
    arguments: [
      (["train.epochs=31"], ["train", "map", "publish"]),
      (["train.epochs=30"], []),
      (["map.window=256"], ["map", "publish"]),
      (["publish.style=true"], ["publish"]),
      (["seed=8"], ["train", "map", "publish"]),
      (["chips.size=64"], ["train", "map", "publish"]),
      (["settle=0s"], []),
      (["name=other"], []),
      (["bands=[b, a]"], ["train", "map", "publish"]),
    ])
  func keysOfSettings(overrides: [String], changed: [String]) throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let before = try site.plan().jobs
    let after = try site.plan(overrides).jobs
    #expect(zip(before, after).filter { $0.key != $1.key }.map(\.0.stage) == changed)
  }

  @Test("A renamed scene keeps its key; a changed one does not, even with the same size")
  func keysOfScenes() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let before = try site.plan().jobs[1].key
    try site.write("incoming/a.txt", "two")
    #expect(try site.plan().jobs[1].key != before)
    try FileManager.default.removeItem(at: site.directory.appendingPathComponent("incoming/a.txt"))
    try site.write("incoming/b.txt", "one")
    #expect(try site.plan().jobs[1].key == before)
  }

  @Test("Another version makes nothing stale unless it is asked to; then the reason names it")
  func versions() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    let plan = try site.plan(versions: ["terrane": "2"])
    let ledger = Ledger(output: site.output)
    #expect(try ledger.states(of: plan.jobs) == [.upToDate, .upToDate, .upToDate])
    let refreshed = try ledger.states(of: plan.jobs, refreshing: plan.versions)
    #expect(refreshed == [.toDo("terrane 1 -> 2"), .toDo("terrane 1 -> 2"), .toDo("terrane 1 -> 2")])
    #expect(ledger.latest(job: "map:a")?.versions == ["terrane": "1"])
    #expect(try site.run().outcomes[2].output?.versions == ["terrane": "1"])
  }

  @Test("A stage's revision is part of its key, and the reason names it")
  func revisions() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let components = try site.plan().jobs[1].components
    var later = components
    later.revision = 2
    #expect(later.key != components.key)
    #expect(
      later.differences(from: components) == ["the stage computes otherwise than before (revision 1 -> 2)"])
  }

  @Test("A plan says why a task is to be done")
  func reasons() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    func states(_ overrides: [String] = []) throws -> [JobState] {
      try Ledger(output: site.output).states(of: site.plan(overrides).jobs)
    }
    #expect(try states() == [.toDo("new"), .toDo("new"), .toDo("new")])
    try site.run()
    #expect(try states() == [.upToDate, .upToDate, .upToDate])
    #expect(try states(["train.epochs=4"])[0] == .toDo("epochs 30 -> 4"))
    try site.write("incoming/a.txt", "another")
    #expect(
      try states() == [
        .upToDate, .toDo("input 'scene' changed"), .toDo("what it builds on changed"),
      ])
  }

  @Test("A missing product is made again; a missing cache only where somebody reads it")
  func missingFiles() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    try FileManager.default.removeItem(at: site.output.appendingPathComponent("cache/a"))
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
    try FileManager.default.removeItem(at: site.output.appendingPathComponent("products/a/map.tif"))
    #expect(try site.run().words == ["train:model: up-to-date", "map:a: done", "publish:a: done"])
    #expect(site.exists("products/a/map.tif"))
  }

  @Test("A file's stored hash is dropped when the file changes, and survives a torn memory")
  func contentHashes() throws {
    let site = try Site()
    try site.write("x", "abc")
    let store = site.directory.appendingPathComponent("hashes.jsonl")
    let url = site.directory.appendingPathComponent("x")
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  // FIPS 180-2, appendix B.1
    #expect(try Self.hash(ContentHashes(store: store, kinds: .rasters), of: url) == abc)
    #expect(try Self.hash(ContentHashes(store: store, kinds: .rasters), of: url) == abc)
    #expect(try String(contentsOf: store, encoding: .utf8).split(separator: "\n").count == 1)
    let memory = try Data(contentsOf: store)
    try memory.dropLast(9).write(to: store)
    #expect(try Self.hash(ContentHashes(store: store, kinds: .rasters), of: url) == abc)
    // A record that somebody has changed is not believed.
    let forged = String(decoding: memory, as: UTF8.self).replacing("ba7816bf", with: "00000000")
    try Data(forged.utf8).write(to: store)
    #expect(try Self.hash(ContentHashes(store: store, kinds: .rasters), of: url) == abc)
    try site.write("x", "abd")
    #expect(try Self.hash(ContentHashes(store: store, kinds: .rasters), of: url) != abc)
  }

  @Test("What belongs to a file counts in its order")
  func companions() throws {
    let site = try Site()
    for (name, text) in [("x", "list"), ("one", "1"), ("two", "2")] { try site.write(name, text) }
    func url(_ name: String) -> URL { site.directory.appendingPathComponent(name) }
    let hashes = ContentHashes(store: nil, kinds: .rasters)
    func hash(_ names: [String]) throws -> String {
      let files = try ContentHashes.files(at: url("x")) { _ in names.map(url) }
      return try hashes.content(of: files, relativeTo: url("x")).digest
    }
    #expect(try hash(["one", "two"]) != hash(["two", "one"]))
    #expect(try hash(["one"]) != hash([]))
    #expect(try hash([]) == Self.hash(hashes, of: url("x")))
  }

  private static func hash(_ hashes: ContentHashes, of url: URL) throws -> String {
    try hashes.content(of: ContentHashes.files(at: url), relativeTo: url).digest
  }

  @Test("A directory's hash depends on the names and contents in it, not on where it lies")
  func directories() throws {
    let (first, second) = (try Site(), try Site())
    let hashes = ContentHashes(store: nil, kinds: .rasters)
    func hash(_ site: Site) throws -> String {
      try Self.hash(hashes, of: site.directory.appendingPathComponent("incoming"))
    }
    for site in [first, second] {
      try site.write("incoming/B02.txt", "blue")
      try site.write("incoming/B03.txt", "green")
    }
    #expect(try hash(first) == hash(second))
    try second.write("incoming/B02.txt", "green")
    try second.write("incoming/B03.txt", "blue")
    #expect(try hash(first) != hash(second))
  }
}
