import Tensors

extension Tape {
  /// Returns the mean of each channel as a vector, `[N, C, H, W]` to `[N, C]`: what most classifiers read.
  package func channelMeanVector(_ input: Value) -> Value {
    let shape = input.tensor.shape
    return reshaped(channelMeans(input), to: [shape.batch, shape.channels])
  }
}
