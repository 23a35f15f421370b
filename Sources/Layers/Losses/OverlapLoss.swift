import Tensors

/// What ``Dice`` and ``Tversky`` share: the mean over the classes present of 1 - (TP + s) / (TP + a FP + b FN + s).
///
/// With p the probability of the class and g its label, over all labelled pixels of the batch together, TP = sum(p g),
/// FP = sum(p (1 - g)), FN = sum((1 - p) g).
struct OverlapLoss {
  /// What false positives, false negatives and the smoothing weigh.
  let (alpha, beta, smoothing): (Double, Double, Double)

  init(alpha: Double, beta: Double, smoothing: Double) {
    precondition(
      alpha >= 0 && beta >= 0 && smoothing > 0, "an overlap weighs \(alpha), \(beta), \(smoothing)")
    (self.alpha, self.beta, self.smoothing) = (alpha, beta, smoothing)
  }

  func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let pixels = LabelledPixels(targets, of: probabilities)
    let (classes, plane, labelled) = (probabilities.shape.channels, pixels.plane, pixels.counts)
    var overlap = Array(repeating: 0.0, count: classes)
    var mass = Array(repeating: 0.0, count: classes)
    probabilities.withValues { probabilities in
      pixels.forEach { _, first, target in
        for index in 0..<classes { mass[index] += Double(probabilities[first + index * plane]) }
        overlap[target] += Double(probabilities[first + target * plane])
      }
    }
    let present = (0..<classes).filter { labelled[$0] > 0 }
    guard !present.isEmpty else {
      return LossValue(value: 0, gradient: Tensor(repeating: 0, shape: probabilities.shape))
    }

    // d(loss)/dp of class k is common[k] for a pixel of another class, common[k] + own[k] for one of its own.
    var (common, own) = (Array(repeating: 0.0, count: classes), Array(repeating: 0.0, count: classes))
    var loss = 0.0
    let rest = 1 - alpha - beta
    for index in present {
      let numerator = overlap[index] + smoothing
      let denominator =
        rest * overlap[index] + alpha * mass[index] + beta * Double(labelled[index]) + smoothing
      loss += (1 - numerator / denominator) / Double(present.count)
      let slope = numerator / (denominator * denominator)
      common[index] = alpha * slope / Double(present.count)
      own[index] = (rest * slope - 1 / denominator) / Double(present.count)
    }
    let gradient = pixels.gradient(probabilities) { _, target, derivatives in
      for index in 0..<classes { derivatives[index] = common[index] }
      derivatives[target] += own[target]
    }
    return LossValue(value: loss, gradient: gradient)
  }
}
