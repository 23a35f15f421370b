import Numerics

/// Attention of every token to every token of its image, in `heads` heads of d channels: softmax(Q K' /
/// sqrt(d)) V each.
///
/// Takes projections `[N, L, 3 h d]`: of each token all queries, then all keys, then all values; gives
/// `[N, L, h d]`. Works on some queries at a time, so that only their weights are in memory, and makes them
/// anew for the gradients.
///
/// - Source: Vaswani et al. 2017, arXiv:1706.03762.
package struct PackedAttention: PlainOperation {
  package let heads: Int

  package func shape(of inputs: [Shape]) -> Shape {
    let shape = inputs[0]
    precondition(
      shape.rank == 3 && shape[2] % (3 * heads) == 0, "projections \(shape) are not those of \(heads) heads")
    return [shape[0], shape[1], shape[2] / 3]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let projections = inputs[0].hostValues
    forEachHead(of: inputs[0].shape) { head in
      head.forEachStrip(of: projections) { strip, weights in
        MatrixProduct(
          rows: strip.count, columns: head.size, inner: head.tokens, rightStride: head.stride,
          resultStride: head.channels
        ).compute(
          weights, projections + head.values, into: result.hostValues + head.results(from: strip.lowerBound))
      }
    }
  }

  /// Computes, with P = softmax(s Q K') and D = s P (dO V' - the sum of P dO V' of its row), dQ = D K, dK =
  /// D' Q and dV = P' dO.
  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(repeating: 0, shape: inputs[0].shape)
    forEachHead(of: inputs[0].shape) { head in
      head.addGradients(
        of: inputs[0].hostValues, from: gradient.hostValues, to: back.hostValues)
    }
    return [back]
  }

  private func forEachHead(of shape: Shape, _ body: (AttentionHead) -> Void) {
    let (tokens, channels) = (shape[1], shape[2] / 3)
    parallelLoop(shape[0] * heads) { index in
      let (image, head) = (index / heads, index % heads)
      body(
        AttentionHead(image: image, number: head, tokens: tokens, size: channels / heads, channels: channels))
    }
  }
}

/// One head of one image, whose matrices have those of the other heads between their rows.
private struct AttentionHead {
  package let image, number, tokens: Int
  /// Channels of the head, and of all heads.
  package let size, channels: Int

  /// The distance from the projections of a token to those of the next one.
  package var stride: Int { 3 * channels }
  /// The place of the head's first key.
  var keys: Int { queries(from: 0) + channels }
  /// The place of the head's first value.
  package var values: Int { keys + channels }
  private var scale: Float { 1 / Float(size).squareRoot() }

  /// Returns the place of the head's query of a token.
  func queries(from token: Int) -> Int { (image * tokens + token) * stride + number * size }

  /// Returns the place of the head's result of a token.
  package func results(from token: Int) -> Int { (image * tokens + token) * channels + number * size }

  /// Calls `body` with some queries after the other and their weights, a row of all tokens each.
  func forEachStrip(
    of projections: UnsafePointer<Float>, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let strip = min(256, tokens)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: strip * tokens) { scratch in
      let weights = scratch.baseAddress!
      for first in Swift.stride(from: 0, to: tokens, by: strip) {
        let range = first..<min(first + strip, tokens)
        MatrixProduct(
          rows: range.count, columns: tokens, inner: size, transposeRight: true, leftStride: stride,
          rightStride: stride
        ).compute(projections + queries(from: first), projections + keys, into: weights)
        for row in 0..<range.count { takeSoftmax(weights + row * tokens, count: tokens, scale: scale) }
        body(range, weights)
      }
    }
  }

  /// Adds the gradients of this head's queries, keys and values, given that of its results, to `back`.
  func addGradients(
    of projections: UnsafePointer<Float>, from gradient: UnsafePointer<Float>,
    to back: UnsafeMutablePointer<Float>
  ) {
    forEachStrip(of: projections) { strip, weights in
      let (outer, first) = (gradient + results(from: strip.lowerBound), queries(from: strip.lowerBound))
      withUnsafeTemporaryAllocation(of: Float.self, capacity: strip.count * tokens) { scratch in
        let shares = scratch.baseAddress!
        MatrixProduct(
          rows: tokens, columns: size, inner: strip.count, transposeLeft: true, rightStride: channels,
          resultStride: stride, accumulates: true
        ).compute(weights, outer, into: back + values)
        MatrixProduct(
          rows: strip.count, columns: tokens, inner: size, transposeRight: true, leftStride: channels,
          rightStride: stride
        ).compute(outer, projections + values, into: shares)
        for row in 0..<strip.count {
          let (weights, shares) = (weights + row * tokens, shares + row * tokens)
          let mean = UnsafePointer(weights).products(tokens, with: shares)
          for index in 0..<tokens { shares[index] = scale * weights[index] * (shares[index] - mean) }
        }
        MatrixProduct(
          rows: strip.count, columns: size, inner: tokens, rightStride: stride, resultStride: stride
        ).compute(shares, projections + keys, into: back + first)
        MatrixProduct(
          rows: tokens, columns: size, inner: strip.count, transposeLeft: true, rightStride: stride,
          resultStride: stride, accumulates: true
        ).compute(shares, projections + first, into: back + keys)
      }
    }
  }
}

extension Tape {
  /// Computes the attention of every token to every token of its image (``PackedAttention``).
  public func attention(_ projections: Value, heads: Int) -> Value {
    apply(PackedAttention(heads: heads), to: projections)
  }
}
