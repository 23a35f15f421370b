import Host
import Models

/// The reason why training ended without a model.
public enum TrainingFailure: Error, Equatable, CustomStringConvertible {
  /// The training has no labelled chips.
  case noChips
  /// The loss, or a weight, became NaN or infinite at this step of a training at this rate.
  case diverged(step: Int, rate: Double)
  /// The weights at the start know none of the classes, so that nothing can be averaged with them.
  case startWithoutHead
  /// The training would leave an ensemble of more members than there may be: of this many.
  case tooManyMembers(Int)
  /// The system gives the training no thread that cuts its chips.
  case noThread(SystemError)
  /// The processes that share the training do not stand at the same weights, `pass` passes after the start.
  case ranksDiffer(pass: Int)
  /// The run was asked to end.
  case cancelled

  /// One sentence.
  public var description: String {
    switch self {
    case .noChips: "there is no labelled chip to train on"
    case .diverged(let step, let rate):
      "the loss is not finite at step \(step): lower the learning rate (\(rate))"
    case .startWithoutHead:
      "the weights at the start do not know the classes, so a 'trained-share' below 1 means nothing: begin with a "
        + "linear probe (strategy: linear-probe-then-full)"
    case .tooManyMembers(let count):
      "the ensemble would have \(count) members, \(Ensemble.largestCount) are the most: lower 'ensemble' or 'snapshots'"
    case .noThread(let error): error.description
    case .ranksDiffer(let pass):
      "the processes that share the training have different weights after \(pass) passes: their processors, threads or "
        + "files are not the same"
    case .cancelled: "cancelled"
    }
  }
}
