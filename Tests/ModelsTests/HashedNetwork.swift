import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors

/// Networks and data by the rule that `Golden/write_golden.py` uses too.
enum HashedNetwork {
  /// A U-Net with the rule's weights and running statistics.
  static func unet(_ encoder: ResNet.Depth, bands: Int, classes: Int) -> any Network {
    let network = Architecture.named("unet", encoder: encoder.rawValue)!
      .network(bands: bands, classes: classes, seed: nil)
    fill(network.parameters)
    return network
  }

  /// A backbone with the rule's weights, and its parameters.
  static func backbone(_ architecture: Architecture, _ options: EncoderOptions) -> (
    network: any Encoder, parameters: ParameterList
  ) {
    let parameters = ParameterList()
    let network = architecture.encoderDesign.make(options, ParameterScope(parameters, seed: nil))
    fill(parameters)
    return (network, parameters)
  }

  /// Gives every parameter its value by the rule.
  static func fill(_ parameters: ParameterList) {
    for parameter in parameters.all {
      parameter.set(HashedValues.parameter(parameter.path, parameter.tensor.shape))
    }
  }

  /// Class indices, and ``ClassIndex/none`` for one pixel in `classes` + 1.
  static func targets(_ name: String, count: Int, classes: Int) -> [UInt8] {
    let values = HashedValues(name)
    return (0..<count).map { index in
      let drawn = Int(values.bits(index) >> 40) % (classes + 1)
      return drawn == classes ? ClassIndex.none : UInt8(drawn)
    }
  }

  /// The values that the script kept of so many: every stride-th, see `sampled` there.
  static func sampled(_ values: [Float], limit: Int) -> [Float] {
    let step = max(1, values.count / limit) | 1
    return stride(from: 0, to: values.count, by: step).map { values[$0] }
  }

  /// The reference values of all files whose names start with `prefix`.
  static func golden(allOf prefix: String) throws -> [String: Tensor] {
    let folder = Bundle.module.resourceURL!.appendingPathComponent("Golden")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".safetensors") }
    return try names.sorted().reduce(into: [:]) { all, name in
      all.merge(try golden(name)) { $1 }
    }
  }

  /// A file of reference values.
  static func golden(_ name: String) throws -> [String: Tensor] {
    let folder = Bundle.module.resourceURL!.appendingPathComponent("Golden")
    return try Safetensors(contentsOf: folder.appendingPathComponent(name).path).tensors
  }
}

extension Architecture {
  /// A network of pixels under the names that its publisher has.
  func network(
    bands: Int, comparing comparison: DateComparison? = nil, classes: Int, seed: UInt64?
  ) -> any Network {
    network(
      NetworkOptions(bands: bands, comparing: comparison, classes: classes, scheme: schemes[0]), seed: seed)
  }
}
