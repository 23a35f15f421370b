import Foundation
import Host
import Tensors

/// An ONNX model that is being put together, to be written.
///
/// - Source: onnx.proto of github.com/onnx/onnx; operators of its version 17.
package struct ONNXFile {
  /// An attribute of an operation.
  package enum Attribute {
    case integer(Int)
    case integers([Int])
    case fraction(Float)
    case text(String)
  }

  /// An extent of a tensor that goes in or comes out.
  package enum Extent {
    case fixed(Int)
    /// Any extent, by a name.
    case free(String)
  }

  /// Texts by name that travel with the model.
  package var metadata: [String: String] = [:]
  /// The name of the graph.
  package var name = "network"
  private var nodes: [ProtobufMessage] = []
  private var constants: [ProtobufMessage] = []
  private var (inputs, outputs): ([ProtobufMessage], [ProtobufMessage]) = ([], [])

  /// The versions of the format and of the operators.
  private static let (format, operators) = (8, 17)

  /// Creates an empty graph.
  package init() {}

  /// Adds an operation.
  package mutating func add(
    _ operation: String, _ inputs: [String], _ output: String, _ attributes: [(String, Attribute)] = []
  ) {
    var node = ProtobufMessage()
    for input in inputs { node.add(1, input) }
    node.add(2, output)
    node.add(3, output)
    node.add(4, operation)
    for (name, value) in attributes { node.add(5, Self.message(name, value)) }
    nodes.append(node)
  }

  private static func message(_ name: String, _ value: Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, name)
    switch value {
    case .fraction(let fraction):
      message.add(2, fraction)
      message.add(20, 1)
    case .integer(let number):
      message.add(3, number)
      message.add(20, 2)
    case .text(let text):
      message.add(4, text)
      message.add(20, 3)
    case .integers(let numbers):
      for number in numbers { message.add(8, number) }
      message.add(20, 7)
    }
    return message
  }

  /// Adds a tensor of the network, of Float32, under its name.
  package mutating func add(constant tensor: Tensor, named name: String) {
    var message = Self.message(tensor)
    message.add(8, name)
    constants.append(message)
  }

  /// Adds numbers that the graph needs and no network has a name for, as the result of an operation.
  package mutating func add(numbers tensor: Tensor, _ output: String) { add(Self.message(tensor), output) }

  /// Adds whole numbers that the graph needs and no network has a name for, as the result of an operation.
  package mutating func add(numbers: [Int], _ output: String) {
    var data = Data()
    for number in numbers { withUnsafeBytes(of: Int64(number).littleEndian) { data.append(contentsOf: $0) } }
    add(Self.message(data, type: 7, extents: [numbers.count]), output)
  }

  private mutating func add(_ tensor: ProtobufMessage, _ output: String) {
    var attribute = ProtobufMessage()
    attribute.add(1, "value")
    attribute.add(5, tensor)
    attribute.add(20, 4)
    var node = ProtobufMessage()
    node.add(2, output)
    node.add(3, output)
    node.add(4, "Constant")
    node.add(5, attribute)
    nodes.append(node)
  }

  private static func message(_ tensor: Tensor) -> ProtobufMessage {
    let data = tensor.onHost.withValues { values in
      var data = Data(capacity: 4 * values.count)
      for value in values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      return data
    }
    return message(data, type: 1, extents: tensor.shape.extents)
  }

  private static func message(_ data: Data, type: Int, extents: [Int]) -> ProtobufMessage {
    var message = ProtobufMessage()
    for extent in extents { message.add(1, extent) }
    message.add(2, type)
    message.add(9, data)
    return message
  }

  /// Adds a tensor that goes in.
  package mutating func add(input name: String, _ extents: [Extent]) {
    inputs.append(Self.value(name, extents))
  }

  /// Adds a tensor that comes out.
  package mutating func add(output name: String, _ extents: [Extent]) {
    outputs.append(Self.value(name, extents))
  }

  private static func value(_ name: String, _ extents: [Extent]) -> ProtobufMessage {
    var shape = ProtobufMessage()
    for extent in extents {
      var message = ProtobufMessage()
      switch extent {
      case .fixed(let number): message.add(1, number)
      case .free(let name): message.add(2, name)
      }
      shape.add(1, message)
    }
    var tensor = ProtobufMessage()
    tensor.add(1, 1)
    tensor.add(2, shape)
    var type = ProtobufMessage()
    type.add(1, tensor)
    var value = ProtobufMessage()
    value.add(1, name)
    value.add(2, type)
    return value
  }

  /// Writes the model; the same graph gives the same bytes.
  ///
  /// - Throws: ``CheckpointError`` `cannotWrite`.
  package func write(to path: String) throws(CheckpointError) {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for constant in constants { graph.add(5, constant) }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }
    var version = ProtobufMessage()
    version.add(1, "")
    version.add(2, Self.operators)
    var model = ProtobufMessage()
    model.add(1, Self.format)
    model.add(2, "terrane")
    model.add(7, graph)
    model.add(8, version)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    // A message of protobuf ends there.
    guard model.bytes.count < 1 << 31 else {
      throw CheckpointError(
        .cannotWrite, path: path, "an ONNX file has less than 2 GiB; this one would have more")
    }
    do throws(SystemError) { try RegularFile.write(model.bytes, to: path) } catch {
      throw CheckpointError(error, isWriting: true)
    }
  }
}
