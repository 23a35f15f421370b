import Checkpoints
import Foundation
import Layers
import Tensors
import Testing

@Suite("Parameters in the forms in which publishers keep them")
struct StoredFormTests {
  private func file(_ name: String, _ tensor: Tensor) throws -> WeightsFile {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("stored-form-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Safetensors(tensors: [name: tensor]).write(to: path)
    return try WeightsFile(data: Data(contentsOf: URL(fileURLWithPath: path)), path: "weights")
  }

  private func counted(_ shape: Shape) -> Tensor {
    Tensor((0..<shape.count).map { Float($0) }, shape: shape)
  }

  @Test("A convolution over one date at a time is one of images")
  func datewise() throws {
    let read = try file("w", counted([3, 2, 1, 4, 4])).reading("w", from: .datewise)
    #expect(read["w"]?.shape == [3, 2, 4, 4])
    #expect(try read.tensor("w").values == (0..<96).map { Float($0) })
    #expect(read.notes == ["read 'w' [3, 2, 1, 4, 4] as [3, 2, 4, 4]"])
  }

  /// The number at row k and column (y side + x) bands + c is filter k's at band c, row y, column x.
  @Test("A linear map of a patch's pixels is the convolution with the same results")
  func pixelwise() throws {
    let (filters, bands, side) = (2, 3, 4)
    let read = try file("w", counted([filters, side * side * bands])).reading(
      "w", from: .pixelwise(side: side))
    #expect(read["w"]?.shape == [2, 3, 4, 4])
    var wanted: [Float] = []
    for k in 0..<filters {
      for c in 0..<bands {
        for place in 0..<side * side { wanted.append(Float(k * side * side * bands + place * bands + c)) }
      }
    }
    #expect(try read.tensor("w").values == wanted)
  }

  @Test("A vector of factors is one of channels")
  func vector() throws {
    let read = try file("w", counted([5])).reading("w", from: .vector)
    #expect(read["w"]?.shape == [5, 1, 1])
    #expect(try read.tensor("w").values == [0, 1, 2, 3, 4])
  }

  @Test(
    "What is of no such form, or not there, stays as it is",
    arguments: [
      ([3, 2, 2, 4, 4], .datewise), ([3, 2, 4, 4], .datewise), ([3, 47], .pixelwise(side: 4)),
      ([3, 0], .pixelwise(side: 4)),
      ([3, 1, 1], .vector),
    ] as [(Shape, StoredForm)])
  func others(shape: Shape, form: StoredForm) throws {
    let read = try file("w", counted(shape)).reading("w", from: form)
    #expect(read["w"]?.shape == shape && read.notes.isEmpty)
    #expect(try file("w", counted([5])).reading("v", from: .vector).entries.map(\.name) == ["w"])
  }
}
