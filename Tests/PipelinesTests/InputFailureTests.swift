import Foundation
import Host
import Products
import Runs
import Testing

@Suite("Files that cannot be gone by")
struct InputFailureTests {
  @Test("What is not there ends with 66, whether it is listed or read")
  func missing() throws {
    let site = try Site()
    let url = site.directory.appendingPathComponent("gone.txt")
    let listed = try #require(throws: InputFailure.self) { try ContentHashes.files(at: url) }
    #expect(listed == .missing(url.path) && listed.exitCode == .noInput)
    #expect(listed.description == "\(url.path): no such file")
    let read = try #require(throws: InputFailure.self) {
      try ContentHashes(store: nil, kinds: .plain).hash(ofFile: url.path)
    }
    #expect(read == .unseen(url.path, number: ENOENT) && read.exitCode == .noInput)
    #expect(read.description == "\(url.path): No such file or directory")
  }

  @Test("A file of gigabytes that are not stored is refused before it is read, with what there is of it")
  func sparse() throws {
    let site = try Site()
    try site.write("giant.txt", "")
    let path = site.directory.appendingPathComponent("giant.txt").path
    try #require(truncate(path, 40 << 30) == 0)
    let giant = try #require(throws: InputFailure.self) { try FileDigest.sha256(of: path) }
    #expect(giant == .sparse(path, bytes: 40 << 30, stored: 0) && giant.exitCode == .badData)
    #expect(
      giant.description
        == "cannot read \(path): 42949672960 bytes, of which 0 are stored: a sparse file, and no raster of that size"
    )
  }

  @Test("A stored model whose content is not what its run recorded is refused by the path that names it")
  func storedModel() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    let model = site.output.appendingPathComponent("models/latest/model")
    try StoredModel.check(model, digest: FileDigest.sha256(of: model.path).hexadecimal)
    let changed = try #require(throws: InputFailure.self) { try StoredModel.check(model, digest: "0") }
    // Links on the way to the temporary directory are resolved.
    let output = try #require(realpath(site.output.path, nil).map { String(cString: $0) })
    #expect(changed == .changedModel(model.path, output: output) && changed.exitCode == .badData)
    #expect(
      changed.description
        == "\(model.path): it is not the model that was made: its content has changed since "
        + "('terrane verify \(output)' says what else has)")
  }

  @Test("A stored model is not taken where the record of it is there and cannot be read")
  func unreadableRecord() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    let model = site.output.appendingPathComponent("models/latest/model")
    let digest = try FileDigest.sha256(of: model.path).hexadecimal
    let output = try #require(realpath(site.output.path, nil).map { String(cString: $0) })
    #expect(StoredModel.ledgers(of: model.path) == ["\(output)/ledger", "\(output)/ledger.jsonl"])
    #expect(StoredModel.ledgers(of: site.output.path) == [])
    let records = site.output.appendingPathComponent("ledger/models")
    try FileManager.default.removeItem(at: records)
    try Data().write(to: records)
    let refusal = try #require(throws: InputFailure.self) { try StoredModel.check(model, digest: digest) }
    let reason = SystemError("list", "\(output)/ledger/models", .number(ENOTDIR))
    #expect(refusal == .unknownModel(model.path, reason) && refusal.exitCode == .inputOutput)
    #expect(
      refusal.description
        == "\(model.path): nobody can say whether it is the model that was made: \(reason)")
  }

  @Test("A ledger that cannot be read ends a verification with 74, a run and a worker with 73")
  func ledger() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let ledger = site.output.appendingPathComponent("ledger.jsonl")
    try FileManager.default.createDirectory(at: ledger, withIntermediateDirectories: true)
    let refusal = SystemError("read", ledger.path, .notRegular("a directory"))
    let looked = try #require(throws: LedgerFailure.self) {
      try Verification(of: site.output, kinds: .rasters)
    }
    #expect(looked == .unreadable(refusal) && looked.exitCode == .inputOutput)
    let run = try #require(throws: LedgerFailure.self) { try site.run() }
    #expect(run == .unusable(refusal) && run.exitCode == .cannotCreate)
    #expect(run.description == refusal.description && looked.description == refusal.description)
    let plan = try site.plan()
    let worker = Worker(
      JobRunner(
        output: site.output, runID: "r", threads: 1, cancellation: Cancellation(),
        classify: RunFailure.init(classifying:), versions: [:], ledger: Ledger(output: site.output)))
    #expect(throws: run) {
      try worker.carryOut([.init("map:a")], of: plan, refused: { _, _ in }, ended: { _ in })
    }
  }
}
