import Numerics
import Tensors

/// The normalised differences (a - b) / (a + b) of pairs of bands in the sensor's unit: `[N, C, H, W]` of
/// normalised bands to `[N, P, H, W]`.
///
/// Results lie from -1 to 1; where a + b is not above 0, as values below 0 can make it, the result is 0.
struct NormalizedDifferences: PlainOperation {
  /// A band as it comes: its channel, and the mean and deviation that it was normalised by.
  struct Band: Hashable, Sendable {
    let channel: Int
    let mean, deviation: Float
  }

  /// The pairs (a, b).
  let pairs: [(Band, Band)]

  func shape(of inputs: [Shape]) -> Shape {
    precondition(inputs.count == 1 && inputs[0].rank == 4, "differences of \(inputs)")
    return [inputs[0].batch, pairs.count, inputs[0].height, inputs[0].width]
  }

  func compute(_ inputs: [Tensor], into result: Tensor) {
    let (input, shape) = (inputs[0], inputs[0].shape)
    let plane = shape.height * shape.width
    nonisolated(unsafe) let (values, answers) = (input.hostValues, result.hostValues)
    parallelLoop(shape.batch * pairs.count) { index in
      let (image, place) = index.quotientAndRemainder(dividingBy: pairs.count)
      let (first, second) = pairs[place]
      let a = values + (image * shape.channels + first.channel) * plane
      let b = values + (image * shape.channels + second.channel) * plane
      let answer = answers + index * plane
      for pixel in 0..<plane {
        let own = a[pixel] * first.deviation + first.mean
        let other = b[pixel] * second.deviation + second.mean
        let sum = own + other
        answer[pixel] = sum > 0 ? max(-1, min(1, (own - other) / sum)) : 0
      }
    }
  }

  /// Traps: no training goes through features that are measured.
  func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    preconditionFailure("no gradient goes through normalised differences")
  }
}
