import Numerics

/// Rows of `[N, L, C]` in another order, some of them several times, none or as zeros: `[N, L', C]`.
///
/// Windows, shifts, merging of patches and tables of biases are all this.
package struct RowGathering: PlainOperation {
  /// The row of the input that each row of the result is, or -1 for zeros.
  package let places: [Int]

  package func shape(of inputs: [Shape]) -> Shape {
    precondition(
      inputs[0].rank == 3 && places.allSatisfy { $0 >= -1 && $0 < inputs[0][1] },
      "rows up to \(places.max() ?? 0) are not in a tensor \(inputs[0])")
    return [inputs[0][0], places.count, inputs[0][2]]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let (rows, channels) = (inputs[0].shape[1], inputs[0].shape[2])
    parallelLoop(inputs[0].shape[0]) { image in
      let source = inputs[0].hostValues + image * rows * channels
      var target = result.hostValues + image * places.count * channels
      for place in places {
        if place < 0 {
          target.update(repeating: 0, count: channels)
        } else {
          target.update(from: source + place * channels, count: channels)
        }
        target += channels
      }
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let (rows, channels) = (inputs[0].shape[1], inputs[0].shape[2])
    let back = Tensor(repeating: 0, shape: inputs[0].shape)
    parallelLoop(inputs[0].shape[0]) { image in
      let target = back.hostValues + image * rows * channels
      var source = gradient.hostValues + image * places.count * channels
      for place in places {
        if place >= 0 {
          for channel in 0..<channels { target[place * channels + channel] += source[channel] }
        }
        source += channels
      }
    }
    return [back]
  }
}

extension Tape {
  /// Rows of `[N, L, C]` at `places`, zeros for -1: `[N, places.count, C]`.
  public func gatheredRows(_ input: Value, places: [Int]) -> Value {
    apply(RowGathering(places: places), to: input)
  }
}
