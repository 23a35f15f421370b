import Foundation
import Rasters
import Testing
import Transfer

extension EndToEnd {
  /// Places to write to that do not take what is written.
  @Suite("Bad places for output")
  struct OutputTests {
    @Test(
      "An output directory that cannot be made ends with 73 and its name",
      arguments: ["file", "file/below", "/proc/out"])
    func notADirectory(place: String) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try site.write("file", "in the way")
      let path = place.hasPrefix("/") ? place : site.path(place)
      let ending = try site.run("--output", path)
      #expect(
        ending.code == 73 && ending.errors.hasPrefix("terrane: cannot create \(path)"), "\(ending.errors)")
    }

    @Test("A file in the way of the products is named; exit 73")
    func fileInTheWay() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try FileManager.default.createDirectory(at: site.output, withIntermediateDirectories: true)
      try site.write("out/products", "in the way")
      let ending = try site.run()
      #expect(ending.code == 73 && ending.errors.contains("\(site.output.path)/products"), "\(ending.errors)")
    }

    /// How much fits on a disk.
    enum Room: String, CaseIterable {
      case nothing, partOfTheModel, theModelAndSomeMaps

      func kilobytes(model: Int) -> Int {
        switch self {
        case .nothing: 16
        case .partOfTheModel: model / 3
        case .theModelAndSomeMaps: model + 100
        }
      }
    }

    @Test(
      "A full disk ends with 74, leaves nothing half-written, and the next run completes",
      .needs(
        "root, to mount a small disk",
        #"d=$(mktemp -d) && mount -t tmpfs -o size=64k terrane-test "$d" && umount -l "$d" && rmdir "$d""#),
      arguments: Room.allCases)
    func fullDisk(room: Room) throws {
      let model = try Data(contentsOf: URL(fileURLWithPath: try TrainedModel.weights())).count
      let kilobytes = room.kilobytes(model: model >> 10)
      let site = try TrainedModel.workplace(scenes: ["a", "b", "c"])
      let mount = site.path("small")
      try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
      try #require(Self.succeeds("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "terrane-test", mount))
      defer { _ = Self.succeeds("umount", "-l", mount) }
      let full = try site.run("--output", mount, "--quiet")
      #expect(full.code == 74 && full.errors.contains("space"), "\(full.code) \(full.errors)")
      #expect(full.errors.contains(mount) && full.errors.split(separator: "\n").count <= 20)
      let products = URL(fileURLWithPath: mount).appendingPathComponent("products")
      for name in Workplace.files(below: products) where name.hasSuffix(".tif") {
        try RasterFile.verify(products.appendingPathComponent(name).path)
      }
      let left = try FileManager.default.subpathsOfDirectory(atPath: mount)
      #expect(!left.contains { $0.contains(".terrane-tmp-") }, "\(left)")
      #expect(Self.succeeds("mount", "-o", "remount,size=200m", mount))
      let resumed = try site.run("--output", mount)
      #expect(resumed.code == 0, "\(resumed.errors)")
      let undisturbed = try site.run()
      #expect(undisturbed.code == 0)
      #expect(try site.digests(in: URL(fileURLWithPath: mount)) == site.digests())
    }

    private static func succeeds(_ command: String...) -> Bool {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = command
      process.standardError = FileHandle.nullDevice
      guard (try? process.run()) != nil else { return false }
      process.waitUntilExit()
      return process.terminationStatus == 0
    }
  }
}
