import Foundation
import Layers
import Tensors

/// Positions of tokens that follow from their date, row and column: sines, then cosines, of each times
/// falling frequencies.
///
/// - Source: Vaswani et al. 2017, arXiv:1706.03762; of pixels Chen et al. 2021, arXiv:2104.02057.
struct PositionTable: Sendable {
  /// A direction in which tokens lie one after the other.
  enum Axis: Hashable, Sendable { case date, row, column }

  /// The axes that runs of channels tell, in order, and the share of the channels of each, in sixteenths.
  let runs: [(axis: Axis, sixteenths: Int)]
  /// Whether tables in files begin with a row of zeros for the class token.
  let hasClassRow: Bool
  /// The rule for grids of another side than that which the network was trained on.
  let resampling: PositionResampling

  /// Returns the positions `[1, h w, D]` of one date's tokens, brought from a square grid of `side` to
  /// another.
  func positions(
    of grid: (rows: Int, columns: Int), from side: Int, date: Int, channels: Int, in pass: Pass
  ) -> Value {
    let table = Tensor(
      rows(date: date, side: side, channels: channels), shape: [1, side * side, channels])
    return resampling(Value(table), from: (side, side), to: grid, in: pass)
  }

  /// Says that files may have the table at a path, for any number of dates.
  func passOver(at path: String, side: Int, channels: Int, in scope: ParameterScope) {
    let (first, area) = (hasClassRow ? 1 : 0, side * side)
    let isDated = runs.contains { $0.axis == .date }
    scope.passOver(
      path, shape: [1, first + area, channels],
      fits: { shape in
        guard shape.rank == 3, shape[0] == 1, shape[2] == channels, shape[1] > first else { return false }
        return isDated ? (shape[1] - first) % area == 0 : shape[1] == first + area
      },
      values: { shape in
        Array(repeating: 0, count: first * channels)
          + (0..<(shape[1] - first) / area).flatMap { rows(date: $0, side: side, channels: channels) }
      })
  }

  private func rows(date: Int, side: Int, channels: Int) -> [Float] {
    let encoded = runs.map { axis, sixteenths in
      (0..<max(side, date + 1)).map { Self.encoded($0, channels: channels / 16 * sixteenths) }
    }
    var values: [Float] = []
    values.reserveCapacity(side * side * channels)
    for place in 0..<side * side {
      for (run, encoded) in zip(runs, encoded) {
        switch run.axis {
        case .date: values += encoded[date]
        case .row: values += encoded[place / side]
        case .column: values += encoded[place % side]
        }
      }
    }
    return values
  }

  /// Returns sin, then cos, of `position` / 10000^(k / n), k = 0, ..., n - 1, n half the channels.
  private static func encoded(_ position: Int, channels: Int) -> [Float] {
    let angles = (0..<channels / 2).map {
      Double(position) / pow(10_000, Double($0) / Double(channels / 2))
    }
    return angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
  }
}
