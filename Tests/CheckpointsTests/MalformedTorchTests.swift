import Checkpoints
import Foundation
import Numerics
import Tensors
import Testing

/// A pickle is a program, and a checkpoint comes from a stranger: it is read or refused, in no time and
/// little memory.
@Suite("Malformed files of torch.save")
struct MalformedTorchTests {
  typealias Bytes = TorchBytes

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let make: @Sendable () -> Data
    /// What the error says; nil where the file is read.
    let problem: String?

    /// An archive of PyTorch's with this pickle.
    init(_ name: String, _ problem: String?, _ pickle: @autoclosure @escaping @Sendable () -> [UInt8]) {
      (testDescription, self.problem) = (name, problem)
      make = { Bytes.archive(pickle()) }
    }

    /// Any file.
    init(_ name: String, _ problem: String?, file: @autoclosure @escaping @Sendable () -> Data) {
      (testDescription, self.problem, make) = (name, problem, file)
    }
  }

  static let cases = tensors + opcodes + shapes + archives + legacies

  @Test("a file is read, or refused with the tensor or the opcode, within a second", arguments: cases)
  func bounded(case: Case) throws {
    let data = `case`.make()
    var found: String?
    let start = Self.computed()
    do {
      let file = try WeightsFile(data: data, path: "w")
      for entry in file.entries { _ = try file.tensor(entry.name) }
    } catch { found = "\(error)" }
    let time = Self.computed() - start
    if let problem = `case`.problem {
      #expect(
        found?.hasPrefix("w: ") == true && found?.contains(problem) == true, "\(found ?? "it was read")")
    } else {
      #expect(found == nil)
    }
    #expect(time < .seconds(1))
  }

  /// What this thread has computed so far: other tests, and other programs, take turns with it.
  static func computed() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  @Test("no function is called, whichever way a pickle asks for it")
  func nothingIsExecuted() throws {
    try inTemporaryFolder { folder in
      let (path, marker) = (folder + "/w.pth", folder + "/marker")
      let command = Bytes.text("touch \(marker)")
      let system = Bytes.global("os", "system")
      let calls: [[UInt8]] = [
        Bytes.call("os", "system", command), Bytes.call("posix", "system", command),
        Bytes.call("builtins", "eval", Bytes.text("__import__('os').system('touch \(marker)')")),
        Bytes.text("os") + Bytes.text("system") + [0x93] + Bytes.tuple(command) + Bytes.reduce,
        system + Bytes.tuple(command) + [0x81],
        system + Bytes.tuple(command) + Bytes.emptyDictionary + [0x92],
        Bytes.mark + command + Array("ios\nsystem\n".utf8), Bytes.mark + system + command + [0x6F],
        Bytes.call("builtins", "getattr", Bytes.global("os", "path"), Bytes.text("join"))
          + Bytes.tuple(command) + Bytes.reduce,
      ]
      for call in calls {
        try Bytes.archive(Bytes.pickle(with: call)).write(to: URL(fileURLWithPath: path))
        let file = try WeightsFile(contentsOf: path)
        #expect(file.entries.map(\.name) == ["a"])
        #expect(file.notes == ["left out 'x'"])
        #expect(!FileManager.default.fileExists(atPath: marker))
      }
    }
  }

  @Test("very old files: views of storages, and dictionaries that are given their content when they are made")
  func veryOld() throws {
    let view = Bytes.tensor(of: Bytes.storage(view: Self.viewed(1, 3)), [3], [1])
    let pairs = Bytes.emptyList + Bytes.emptyList + Bytes.text("a") + [0x61] + view + [0x61] + [0x61]
    let pickle = Bytes.pickle(opcodes: Bytes.call("collections", "OrderedDict", pairs), Bytes.stop)
    let file = try WeightsFile(data: Bytes.legacy(pickle), path: "w")
    #expect(file.entries.map(\.name) == ["a"])
    #expect(try file.tensor("a").values == [2, 3, 4])
  }

  @Test(
    "a file that was cut off anywhere is refused",
    arguments: [
      "zip-2.pth", "zip-4.pth", "legacy-2.pth", "legacy-4.pth", "lightning.ckpt", "views-legacy.pth",
    ])
  func cutOff(name: String) throws {
    let sound = try Data(contentsOf: URL(fileURLWithPath: goldenPath("torch/" + name)))
    for part in 0..<16 {
      let cut = sound.prefix(sound.count * part / 16)
      #expect(throws: CheckpointError.self, "\(part)/16") { try WeightsFile(data: Data(cut), path: "w") }
    }
  }

  @Test(
    "a sound file changed at any byte is read or refused, never a crash",
    arguments: ["zip-2.pth", "zip-4.pth", "legacy-2.pth", "views.pth", "views-legacy.pth"])
  func everyByte(name: String) throws {
    let sound = try Data(contentsOf: URL(fileURLWithPath: goldenPath("torch/" + name)))
    var random = RandomSource(seed: 11, stream: name)
    for place in sound.indices {
      var changed = sound
      changed[place] = UInt8(random.index(below: 256))
      guard let file = try? WeightsFile(data: changed, path: "w") else { continue }
      for entry in file.entries where entry.shape.count < 100_000 { _ = try? file.tensor(entry.name) }
    }
  }
}
