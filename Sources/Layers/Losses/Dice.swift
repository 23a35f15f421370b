import Tensors

/// Soft Dice over the batch: the mean of 1 - (2 sum(p g) + s) / (sum(p) + sum(g) + s) over the classes present, s = 1.
///
/// Unlabelled pixels count nowhere. With no labelled pixel the loss and its gradient are 0.
///
/// - Source: Milletari et al. 2016, arXiv:1606.04797, in its multi-class form.
public struct Dice: SegmentationLoss {
  private let smoothing = 1.0

  /// Dice has no options.
  public init() {}

  /// See ``SegmentationLoss``.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let shape = probabilities.shape
    let (classes, plane) = (shape.channels, shape.height * shape.width)
    var overlap = Array(repeating: 0.0, count: classes)
    var mass = Array(repeating: 0.0, count: classes)
    var labelled = Array(repeating: 0.0, count: classes)
    probabilities.withValues { probabilities in
      forEachLabelled(targets, shape) { first, target in
        for index in 0..<classes { mass[index] += Double(probabilities[first + index * plane]) }
        overlap[target] += Double(probabilities[first + target * plane])
        labelled[target] += 1
      }
    }
    let present = (0..<classes).filter { labelled[$0] > 0 }
    let gradient = Tensor(repeating: 0, shape: shape)
    guard !present.isEmpty else { return LossValue(value: 0, gradient: gradient) }

    // d(loss)/dp of class k is a[k] for a pixel of another class, a[k] + b[k] for one of its own.
    var (common, own) = (Array(repeating: 0.0, count: classes), Array(repeating: 0.0, count: classes))
    var loss = 0.0
    for index in present {
      let numerator = 2 * overlap[index] + smoothing
      let denominator = mass[index] + labelled[index] + smoothing
      loss += (1 - numerator / denominator) / Double(present.count)
      common[index] = numerator / (denominator * denominator) / Double(present.count)
      own[index] = -2 / denominator / Double(present.count)
    }
    probabilities.withValues { probabilities in
      gradient.mutate { gradient in
        forEachLabelled(targets, shape) { first, target in
          // Through the softmax: ds[k] = p[k] (d[k] - sum p[j] d[j]).
          var mean = own[target] * Double(probabilities[first + target * plane])
          for index in 0..<classes { mean += common[index] * Double(probabilities[first + index * plane]) }
          for index in 0..<classes {
            let place = first + index * plane
            let derivative = common[index] + (index == target ? own[index] : 0)
            gradient[place] = Float(Double(probabilities[place]) * (derivative - mean))
          }
        }
      }
    }
    return LossValue(value: loss, gradient: gradient)
  }

  private func forEachLabelled(_ targets: [UInt8], _ shape: Shape, _ body: (Int, Int) -> Void) {
    let plane = shape.height * shape.width
    precondition(targets.count == shape.batch * plane, "\(targets.count) targets for scores \(shape)")
    for index in targets.indices where targets[index] != ignored {
      body(index / plane * shape.channels * plane + index % plane, Int(targets[index]))
    }
  }
}
