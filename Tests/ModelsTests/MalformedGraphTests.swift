import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// A graph that a stranger made up is none of the networks, in no time: nothing in it is added up or followed
/// without a limit.
@Suite("Malformed graphs")
struct MalformedGraphTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let make: @Sendable (inout ONNXFile) -> Void

    init(_ name: String, _ make: @escaping @Sendable (inout ONNXFile) -> Void) {
      (testDescription, self.make) = (name, make)
    }
  }

  private static func weight(
    _ file: inout ONNXFile, _ shape: Shape = [4, 3, 1, 1], named name: String = "onnx::w"
  ) {
    file.add(constant: Tensor(repeating: 1, shape: shape), named: name)
  }

  static let cases = [
    Case("zeros that no integer counts") { file in
      weight(&file)
      let most = Int.max
      file.add("Pad", ["input"], "a", [("pads", .integers([0, 0, most, most, 0, 0, most, most]))])
      file.add("Conv", ["a", "onnx::w"], "b", [("pads", .integers([most, most, most, most]))])
    },
    Case("zeros that are no numbers") { file in
      weight(&file)
      file.add(numbers: Tensor([.nan, .infinity, 1e30, 0.5, 0, 0, 0, 0], shape: [8]), "pads")
      file.add("Pad", ["input", "pads"], "a")
      file.add("ReduceMean", ["a", "pads"], "b")
      file.add("Conv", ["b", "onnx::w"], "c")
    },
    Case("names that stand for each other") { file in
      weight(&file)
      file.add("Identity", ["onnx::w"], "a")
      file.add("Identity", ["a"], "onnx::w")
      file.add("Identity", ["b"], "b")
      file.add("Conv", ["input", "a"], "c")
    },
    Case("joins that double a hundred times") { file in
      weight(&file)
      file.add("Conv", ["input", "onnx::w"], "0")
      for step in 0..<100 {
        file.add("Concat", ["\(step)", "\(step)"], "\(step + 1)", [("axis", .integer(1))])
      }
    },
    Case("no channels") { file in
      weight(&file, [4, 0, 1, 1])
      file.add("Conv", ["input", "onnx::w"], "a")
    },
    Case("a convolution that reads what comes later, and nothing") { file in
      weight(&file)
      file.add("Conv", ["later", "onnx::w"], "a")
      file.add("Conv", ["a"], "later")
      file.add("Conv", [], "b")
      file.add("Gemm", ["b", "onnx::w"], "c")
      file.add("BatchNormalization", ["c"], "d")
      file.add("MaxPool", [], "e")
    },
  ]

  @Test("it is refused or left as it is", arguments: cases)
  func bounded(case: Case) throws {
    var file = ONNXFile()
    `case`.make(&file)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-\(UUID().uuidString).onnx"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file.write(to: path)
    let weights = try WeightsFile(contentsOf: path)
    let start = ContinuousClock.now
    #expect(!((try? Recognition.unfolded(weights))?.notes.contains { $0.hasPrefix("found ") } ?? false))
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
