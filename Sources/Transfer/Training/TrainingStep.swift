/// The progress of a training after one of its steps.
public struct TrainingStep: CustomStringConvertible {
  /// `head`, `full`, `lora`, ...
  public let phase: String
  /// The pass, counted from 1.
  public let epoch: Int
  /// Passes of the phase.
  public let epochs: Int
  /// The step's loss.
  public let loss: Double
  /// The step's learning rate.
  public let rate: Double
  /// The best validation score so far.
  public let best: Double?
  /// The name of that score: `mIoU`.
  public let metric: String
  /// Steps that an earlier run took, told once when the training is taken up again; else 0.
  public var resumedSteps = 0

  /// `full 3/30, loss 0.412, rate 2.9e-04, best mIoU 0.531`.
  public var description: String {
    if resumedSteps > 0 { return "\(phase) \(epoch)/\(epochs), goes on after \(resumedSteps) steps" }
    return "\(phase) \(epoch)/\(epochs), loss \(shown(loss)), rate \(shownRate)"
      + (best.map { ", best \(metric) \(shown($0))" } ?? "")
  }

  /// Three decimals; by rounding and not through `Int`, which a loss on its way to infinity would overflow.
  private func shown(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }

  /// Two significant digits.
  private var shownRate: String {
    guard rate > 0 else { return "0" }
    var (exponent, mantissa) = (0, rate)
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    return "\((mantissa * 10).rounded() / 10)e\(exponent)"
  }
}
