import Chips
import Models
import Tensors

/// A source of answers for windows of scenes: a network, or anything else that makes the same of normalised
/// pixels.
package protocol Predictor {
  /// The contract that says which images the predictor takes.
  var contract: InputContract { get }
  /// The normalisation that the predictor expects of a scene's values.
  var normalization: Normalization { get }
  /// The number of parameters that the predictor keeps.
  var parameterCount: Int { get }
  /// Returns the predictor made ready for windows of one size; later changes of the predictor do not reach
  /// that.
  func prepared(height: Int, width: Int) -> any PreparedPredictor
}

/// A predictor that is ready for windows of one size, which several threads may ask at once.
package protocol PreparedPredictor {
  /// The shape of a window's input, `[1, C, H, W]`.
  var inputShape: Shape { get }
  /// The bytes that one window takes: its input, its answer, and all in between.
  var windowBytes: Int { get }
  /// The bytes of what is kept for all windows.
  var keptBytes: Int { get }
  /// Whether each window is computed on one thread, so that several may be computed at once.
  var isThreadOfItsOwn: Bool { get }
  /// Makes all that windows share, before several threads ask for it at once.
  func packWeights()
  /// Returns the answer for a plain window.
  func answer(_ window: Tensor) -> Tensor
}
