import Foundation
import Numerics

/// log(mean over M of softmax(s)) of scores `[N, K, H, W]` each, the softmax over K: scores whose softmax is
/// the mean of the probabilities.
///
/// Takes logarithms throughout, so that a class that every one of the M finds impossible keeps a finite
/// score.
package struct LogMeanProbabilities: PlainOperation {
  package func shape(of inputs: [Shape]) -> Shape {
    precondition(
      inputs.allSatisfy { $0.rank == 4 && $0 == inputs[0] }, "scores \(inputs) have no mean pixel by pixel")
    return inputs[0]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    forEachRun(of: result.shape) { run in
      run.withNormalizers(of: inputs) { normalizers in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * run.count) { scratch in
          let (total, terms) = (scratch.baseAddress!, scratch.baseAddress! + run.count)
          for place in run.places {
            // The largest logarithm of a probability stands in the result for now.
            let largest = result.hostValues + place
            for (member, input) in inputs.enumerated() {
              let (scores, normalizer) = (input.hostValues + place, normalizers + member * run.count)
              for pixel in 0..<run.count {
                let logarithm = scores[pixel] - normalizer[pixel]
                largest[pixel] = member == 0 || logarithm > largest[pixel] ? logarithm : largest[pixel]
              }
            }
            total.update(repeating: 0, count: run.count)
            for (member, input) in inputs.enumerated() {
              let (scores, normalizer) = (input.hostValues + place, normalizers + member * run.count)
              for pixel in 0..<run.count { terms[pixel] = scores[pixel] - normalizer[pixel] - largest[pixel] }
              takeExponentials(terms, count: run.count)
              for pixel in 0..<run.count { total[pixel] += terms[pixel] }
            }
            let members = Float(inputs.count)
            for pixel in 0..<run.count { largest[pixel] += log(total[pixel] / members) }
          }
        }
      }
    }
  }

  /// Computes, with p of a member, P the mean and w[k] = g[k] p[k] / (M P[k]), ds[k] = w[k] - p[k] sum w.
  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = zip(inputs, wanted).map { $1 ? Tensor(uninitialized: $0.shape) : nil }
    forEachRun(of: result.shape) { run in
      run.withNormalizers(of: inputs) { normalizers in
        for (member, input) in inputs.enumerated() {
          guard let back = back[member] else { continue }
          for pixel in 0..<run.count {
            let normalizer = normalizers[member * run.count + pixel]
            var sum: Float = 0
            for place in run.places {
              let logarithm = input.hostValues[place + pixel] - normalizer
              let share = exp(logarithm - result.hostValues[place + pixel]) / Float(inputs.count)
              back.hostValues[place + pixel] = gradient.hostValues[place + pixel] * share
              sum += back.hostValues[place + pixel]
            }
            for place in run.places {
              back.hostValues[place + pixel] -= exp(input.hostValues[place + pixel] - normalizer) * sum
            }
          }
        }
      }
    }
    return back
  }

  /// Calls `body` for some pixels after the other, which stay in the cache, on several threads.
  private func forEachRun(of shape: Shape, _ body: (PixelRun) -> Void) {
    let (classes, plane, length) = (shape.channels, shape.height * shape.width, 1024)
    let runs = (plane + length - 1) / length
    parallelLoop(shape.batch * runs) { index in
      let (image, first) = (index / runs, index % runs * length)
      body(
        PixelRun(
          places: (0..<classes).map { (image * classes + $0) * plane + first },
          count: min(length, plane - first)))
    }
  }
}

/// Pixels that lie side by side.
private struct PixelRun {
  /// The place of the run's first pixel in the plane of each class.
  package let places: [Int]
  package let count: Int

  /// Lends log(sum over the classes of exp(s)), for each of the inputs `count` numbers.
  func withNormalizers(of inputs: [Tensor], _ body: (UnsafeMutablePointer<Float>) -> Void) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: (inputs.count + 2) * count) { scratch in
      let normalizers = scratch.baseAddress!
      let (largest, terms) = (normalizers + inputs.count * count, normalizers + (inputs.count + 1) * count)
      for (member, input) in inputs.enumerated() {
        let normalizer = normalizers + member * count
        largest.update(from: input.hostValues + places[0], count: count)
        for place in places.dropFirst() {
          let scores = input.hostValues + place
          for pixel in 0..<count where scores[pixel] > largest[pixel] { largest[pixel] = scores[pixel] }
        }
        normalizer.update(repeating: 0, count: count)
        for place in places {
          let scores = input.hostValues + place
          for pixel in 0..<count { terms[pixel] = scores[pixel] - largest[pixel] }
          takeExponentials(terms, count: count)
          for pixel in 0..<count { normalizer[pixel] += terms[pixel] }
        }
        for pixel in 0..<count { normalizer[pixel] = largest[pixel] + log(normalizer[pixel]) }
      }
      body(normalizers)
    }
  }
}

extension Tape {
  /// Scores `[N, K, H, W]` whose softmax over K is the mean of the softmaxes of `scores`.
  public func logMeanProbabilities(_ scores: [Value]) -> Value {
    apply(LogMeanProbabilities(), toAll: scores)
  }
}
