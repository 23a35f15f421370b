import Numerics
import Tensors

/// The sum of the gradients of a step's batches, in the order of the batches, whichever processes have them.
///
/// Floating-point sums depend on their order. Each process adds up a slice of all gradients, and all slices
/// are joined at the end: the sum has the bytes of one process that adds one batch after the other. Memory is
/// taken once for all steps: pages that the system gives anew each time cost more than the sums.
struct OrderedSum {
  private let ranks: any Ranks
  /// The values of a batch's gradients.
  let length: Int
  private let slice: Int
  private var isEmpty = true
  /// This process's gradients, behind each other and filled up with zeros; what all processes have sent for
  /// its slice, and at the end the whole sum; the sum of its slice.
  private var own, received, sum: [Float]

  /// Creates the sum of nothing, for gradients of so many values.
  init(of length: Int, on ranks: any Ranks) {
    (self.ranks, self.length) = (ranks, length)
    slice = (length + ranks.count - 1) / ranks.count
    own = [Float](repeating: 0, count: slice * ranks.count)
    (received, sum) = (own, [Float](repeating: 0, count: slice))
  }

  /// Adds the gradients of the first `active` processes, in their order.
  ///
  /// - Parameter gradients: those of this process, always in one order; anything where it is not among them.
  mutating func add(_ gradients: [Tensor], active: Int) {
    var place = 0
    for gradient in gradients {
      gradient.withValues { values in
        own.withUnsafeMutableBufferPointer { own in
          (own.baseAddress! + place).update(from: values.baseAddress!, count: values.count)
        }
        place += values.count
      }
    }
    precondition(place == length, "\(place) values where \(length) are summed")
    ranks.exchange(own, into: &received)
    for process in 0..<active {
      let isFirst = isEmpty
      received.withUnsafeBufferPointer { received in
        sum.withUnsafeMutableBufferPointer { sum in
          let values = received.baseAddress! + process * sum.count
          if isFirst {
            sum.baseAddress!.update(from: values, count: sum.count)
          } else {
            for index in sum.indices { sum[index] += values[index] }
          }
        }
      }
      isEmpty = false
    }
  }

  /// Writes the sum into gradients, on every process; the next sum begins from nothing.
  mutating func move(into gradients: [Tensor]) {
    ranks.join(sum, into: &received)
    var place = 0
    for gradient in gradients {
      gradient.mutate { values in
        received.withUnsafeBufferPointer { received in
          values.baseAddress!.update(from: received.baseAddress! + place, count: values.count)
        }
        place += values.count
      }
    }
    isEmpty = true
  }
}
