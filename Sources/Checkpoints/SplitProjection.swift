import Layers
import Tensors

/// Low-rank updates of queries, keys and values apart, of a network that has the three in one matrix.
///
/// Together they are one update of the matrix `[3 D, D]`: the A of each over the other, and each B in the
/// rows of what it is of, beside the others.
///
/// - Source: names as TerraTorch's `QKVSep` (`replace_qkv`) has them.
struct SplitProjection {
  private static let names = ["q_linear", "k_linear", "v_linear"]

  /// The path of the module whose weight holds the three.
  private let module: String
  /// D.
  private let channels: Int
  /// Which of the three have updates, 0 to 2.
  private let thirds: [Int]

  /// The paths of the modules that have updates.
  var modules: [String] { thirds.map { module + "." + Self.names[$0] } }

  /// Returns those that some of `modules` are, by the path of the module that holds the three.
  static func all(of modules: Set<String>, in network: ParameterList) -> [String: SplitProjection] {
    var found: [String: SplitProjection] = [:]
    for weight in network.all where LowRankUpdates.fits(weight, kind: .lora) {
      let (shape, path) = (weight.tensor.shape, weight.modulePath)
      let thirds = names.indices.filter { modules.contains(path + "." + names[$0]) }
      guard !thirds.isEmpty, shape.rank == 2, shape[0] == 3 * shape[1] else { continue }
      found[path] = SplitProjection(module: path, channels: shape[1], thirds: thirds)
    }
    return found
  }

  /// Returns A and B of the matrix, by their paths.
  ///
  /// - Throws: ``CheckpointError`` as ``WeightsFile/tensor(_:)``, and `mismatch` where one is of another
  ///   shape.
  func tensors(of file: WeightsFile) throws(CheckpointError) -> [String: Tensor] {
    var reductions: [Tensor] = []
    var expansions: [Tensor] = []
    for module in modules {
      let (reduction, expansion) = (
        try file.tensor(module + ".lora_A.weight"), try file.tensor(module + ".lora_B.weight")
      )
      let rank = reduction.shape.extents.first ?? 0
      guard reduction.shape == [rank, channels], expansion.shape == [channels, rank],
        rank == reductions.first?.shape[0] ?? rank
      else {
        throw CheckpointError(
          .mismatch, path: file.path,
          "the update of '\(module)' is \(expansion.shape) times \(reduction.shape), the network has \(channels) channels there"
        )
      }
      reductions.append(reduction)
      expansions.append(expansion)
    }
    let rank = reductions[0].shape[0]
    let width = rank * thirds.count
    var expansion = Array(repeating: Float(0), count: 3 * channels * width)
    for (place, third) in thirds.enumerated() {
      let values = expansions[place].values
      for row in 0..<channels {
        let start = (third * channels + row) * width + place * rank
        expansion.replaceSubrange(start..<start + rank, with: values[row * rank..<(row + 1) * rank])
      }
    }
    return [
      module + ".lora_A.weight": Tensor(reductions.flatMap(\.values), shape: [width, channels]),
      module + ".lora_B.weight": Tensor(expansion, shape: [3 * channels, width]),
    ]
  }
}
