import Checkpoints
import Foundation
import Layers
import Models
import NumericOracles
import Tensors

/// Networks and data by the rule that `Golden/write_golden.py` uses too.
enum HashedNetwork {
  /// A U-Net with the rule's weights and running statistics.
  static func unet(_ encoder: ResNet.Depth, bands: Int, classes: Int) -> UNet {
    let network = UNet(encoder: encoder, bands: bands, classes: classes, seed: 0)
    for parameter in network.parameters.all {
      parameter.set(tensor(parameter.path, parameter.role, parameter.tensor.shape))
    }
    return network
  }

  private static func tensor(_ path: String, _ role: Parameter.Role, _ shape: Shape) -> Tensor {
    let values = HashedValues(path)
    switch role {
    case .weight: return values.tensor(shape, scale: (6 / Double(shape.count / shape[0])).squareRoot())
    case .bias, .normShift, .runningMean: return values.tensor(shape, scale: 0.2)
    case .normScale: return values.tensor(shape, scale: 0.3, offset: 1)
    case .runningVariance: return values.tensor(shape, scale: 0.4, offset: 1)
    }
  }

  /// Class indices, and ``ignored`` for one pixel in `classes` + 1.
  static func targets(_ name: String, count: Int, classes: Int) -> [UInt8] {
    let values = HashedValues(name)
    return (0..<count).map { index in
      let drawn = Int(values.bits(index) >> 40) % (classes + 1)
      return drawn == classes ? ignored : UInt8(drawn)
    }
  }

  /// The values that the script kept of so many: every stride-th, see `sampled` there.
  static func sampled(_ values: [Float], limit: Int) -> [Float] {
    let step = max(1, values.count / limit) | 1
    return stride(from: 0, to: values.count, by: step).map { values[$0] }
  }

  /// A file of reference values.
  static func golden(_ name: String) throws -> [String: Tensor] {
    let folder = Bundle.module.resourceURL!.appendingPathComponent("Golden")
    return try Safetensors(contentsOf: folder.appendingPathComponent(name).path).tensors
  }
}
