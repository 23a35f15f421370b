/// A network made ready for images of one shape: nothing is decided, reordered or allocated any more when it
/// runs.
public protocol PreparedInference {
  /// Scores of a batch of plain images `[N, C, H, W]`, plain `[N, K, H, W]`.
  ///
  /// Each image is computed by itself: its bytes depend neither on the batch nor on the number of threads.
  func callAsFunction(_ images: Tensor) -> Tensor

  /// Makes the weights ready, which the first image does otherwise; to be called before several threads use
  /// the network.
  func packWeights()

  /// Whether an image is computed by the thread that asks for it, so that several may ask at once; else by
  /// all threads.
  var isThreadOfItsOwn: Bool { get }

  /// The shape of an image, `[1, C, H, W]`.
  var inputShape: Shape { get }
  /// The shape of the scores of an image, `[1, K, H, W]`.
  var outputShape: Shape { get }

  /// Bytes that it holds whatever it works on: weights in the form that it needs.
  var weightBytes: Int { get }
  /// Bytes that each thread takes while it computes.
  var bytesPerThread: Int { get }
}
