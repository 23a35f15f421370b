import Foundation
import NumericOracles
import Tensors
import Testing

/// An array of Doubles of any rank, addressed by index lists: what operations on it are defined by.
struct DoubleGrid {
  let shape: Shape
  let values: [Double]

  init(_ shape: Shape, _ values: [Double]) { (self.shape, self.values) = (shape, values) }

  /// The array whose element at each index list is `value` of it.
  init(_ shape: Shape, _ value: ([Int]) -> Double) {
    let extents = shape.extents
    self.init(
      shape,
      (0..<shape.count).map { place in
        var (rest, index) = (place, extents)
        for axis in extents.indices.reversed() {
          index[axis] = rest % extents[axis]
          rest /= extents[axis]
        }
        return value(index)
      })
  }

  subscript(_ index: [Int]) -> Double {
    values[zip(index, shape.extents).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  subscript(_ index: Int...) -> Double { self[index] }

  /// The vector along the last axis through an index list.
  func row(_ index: [Int]) -> [Double] {
    (0..<shape.extents.last!).map { self[index.dropLast() + [$0]] }
  }
}

/// An operation of the tape and its definition.
struct OperationCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let inputs: [Shape]
  /// The inputs are uniform within this.
  var scale = 1.0
  let run: @Sendable (Tape, [Value]) -> Value
  let definition: @Sendable ([DoubleGrid]) -> DoubleGrid

  init(
    _ name: String, _ inputs: [Shape], scale: Double = 1,
    run: @escaping @Sendable (Tape, [Value]) -> Value,
    definition: @escaping @Sendable ([DoubleGrid]) -> DoubleGrid
  ) {
    testDescription = "\(name) of \(inputs.map { "\($0)" }.joined(separator: ", "))"
    (self.inputs, self.scale, self.run, self.definition) = (inputs, scale, run, definition)
  }

  static let all =
    broadcasts + arrangements + rowwise + matrices + normalizations + resamplings + pointwise + channelwise
    + updates + means + rotations

  /// Angles of three tokens, for all heads alike and halves of a head in pairs, or for each of two heads and
  /// neighbours in pairs.
  private static let rotations = [(1, false), (2, true)].map { heads, pairsNeighbours in
    let angles = (0..<heads * 3 * 2).map { 0.7 * Float($0) - 1.3 }
    let rotation = TokenRotation(skipping: 1, angles: angles, pairsNeighbours: pairsNeighbours)
    return OperationCase(
      "rotation of queries and keys, neighbours in pairs: \(pairsNeighbours)", [[2, 4, 24]]
    ) {
      $0.rotated($1[0], heads: 2, by: rotation)
    } definition: { grids in
      DoubleGrid(grids[0].shape) { index in
        let (token, channel) = (index[1] - 1, index[2])
        guard token >= 0, channel < 16 else { return grids[0][index] }
        let (head, inner) = (channel % 8 / 4, channel % 4)
        let pair = pairsNeighbours ? inner / 2 : inner % 2
        let isFirst = pairsNeighbours ? inner % 2 == 0 : inner < 2
        let step = pairsNeighbours ? 1 : 2
        let angle = Double(angles[((heads == 1 ? 0 : head) * 3 + token) * 2 + pair])
        let other = grids[0][index[0], index[1], channel + (isFirst ? step : -step)]
        return grids[0][index] * cos(angle) + (isFirst ? -other : other) * sin(angle)
      }
    }
  }
}

// MARK: The definitions, operation by operation

extension OperationCase {
  private static let broadcasts = [
    ([2, 3, 4], [2, 3, 4]), ([2, 3, 4], [1, 3, 4]), ([2, 3, 4], [4]), ([2, 3, 4], [3, 1]),
    ([2, 3, 4, 5], [1, 3, 1, 1]), ([2, 3, 4, 5], [2, 1, 4, 1]), ([3, 5, 2], [1]),
  ].flatMap { (left: Shape, right: Shape) in
    @Sendable func repeated(_ grids: [DoubleGrid], _ index: [Int]) -> Double {
      let own = index.suffix(right.rank)
      return grids[1][zip(own, right.extents).map { $1 == 1 ? 0 : $0 }]
    }
    return [
      OperationCase("broadcast sum", [left, right]) {
        $0.broadcastSum($1[0], $1[1])
      } definition: { grids in
        DoubleGrid(left) { grids[0][$0] + repeated(grids, $0) }
      },
      OperationCase("broadcast product", [left, right]) {
        $0.broadcastProduct($1[0], $1[1])
      } definition: { grids in
        DoubleGrid(left) { grids[0][$0] * repeated(grids, $0) }
      },
    ]
  }

  private static let arrangements: [OperationCase] =
    [
      ([2, 3, 4], [1, 0, 2]), ([2, 3, 4], [0, 2, 1]), ([2, 3, 4], [2, 1, 0]), ([2, 3, 4], [1, 2, 0]),
      ([2, 3, 4, 5], [0, 2, 3, 1]), ([2, 3, 4, 5], [0, 3, 1, 2]), ([2, 3, 4, 5], [0, 2, 1, 3]),
      ([2, 3, 4, 5], [3, 1, 0, 2]), ([2, 2, 3, 2, 3], [0, 1, 3, 2, 4]), ([2, 3, 2, 3, 2], [0, 3, 1, 4, 2]),
      ([1, 33, 35], [0, 2, 1]), ([3, 4], [0, 1]),
    ].map { (shape: Shape, axes: [Int]) in
      OperationCase("axes \(axes)", [shape]) {
        $0.permuted($1[0], axes: axes)
      } definition: { grids in
        DoubleGrid(Shape(axes.map { shape[$0] })) { index in
          var source = index
          for (place, axis) in axes.enumerated() { source[axis] = index[place] }
          return grids[0][source]
        }
      }
    } + [
      OperationCase("another shape", [[2, 3, 4]]) {
        $0.reshaped($1[0], to: [6, 4])
      } definition: {
        DoubleGrid([6, 4], $0[0].values)
      },
      OperationCase("rows gathered", [[2, 4, 3]]) {
        $0.gatheredRows($1[0], places: [3, -1, 0, 0, 2])
      } definition: { grids in
        DoubleGrid([2, 5, 3]) { index in
          let place = [3, -1, 0, 0, 2][index[1]]
          return place < 0 ? 0 : grids[0][index[0], place, index[2]]
        }
      },
      OperationCase("channels", [[2, 5, 3, 2]]) {
        $0.channels($1[0], 1..<4)
      } definition: { grids in
        DoubleGrid([2, 3, 3, 2]) { grids[0][$0[0], $0[1] + 1, $0[2], $0[3]] }
      },
      OperationCase("absolute difference", [[2, 3, 4], [2, 3, 4]]) {
        $0.absoluteDifference($1[0], $1[1])
      } definition: { grids in
        DoubleGrid([2, 3, 4]) { abs(grids[0][$0] - grids[1][$0]) }
      },
      OperationCase("a slice", [[3, 2, 4]]) {
        $0.slice($1[0], at: 1)
      } definition: { grids in
        DoubleGrid([2, 4]) { grids[0][[1] + $0] }
      },
    ]
    + [1, 2].map { images in
      OperationCase("rows joined", [[images, 2, 3], [2, 4, 3]]) {
        $0.joinedRows($1[0], $1[1])
      } definition: { grids in
        DoubleGrid([2, 6, 3]) { index in
          index[1] < 2
            ? grids[0][images == 1 ? 0 : index[0], index[1], index[2]]
            : grids[1][index[0], index[1] - 2, index[2]]
        }
      }
    }

  private static let rowwise = [
    OperationCase("softmax", [[3, 4, 7]], scale: 8) {
      $0.softmax($1[0])
    } definition: { grids in
      DoubleGrid(grids[0].shape) { index in
        exp(grids[0][index]) / grids[0].row(index).reduce(0) { $0 + exp($1) }
      }
    },
    OperationCase("unit vectors", [[5, 6]]) {
      $0.unitVectors($1[0])
    } definition: { grids in
      DoubleGrid(grids[0].shape) { index in
        grids[0][index] / grids[0].row(index).reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
    },
    OperationCase("vectors too short for a unit", [[5, 6]]) {
      $0.unitVectors($1[0], epsilon: 5)
    } definition: { grids in
      DoubleGrid(grids[0].shape) { grids[0][$0] / 5 }
    },
  ]

  private static let matrices: [OperationCase] =
    ([[5, 7], [2, 3, 7], [300, 7]] as [Shape]).flatMap { shape in
      [true, false].map { hasBias in
        OperationCase("linear map", [shape, [4, 7]] + (hasBias ? [[4]] : [])) {
          $0.linear($1[0], weight: $1[1], bias: hasBias ? $1[2] : nil)
        } definition: { grids in
          DoubleGrid(Shape(shape.extents.dropLast() + [4])) { index in
            let row = grids[0].row(index)
            let start = hasBias ? grids[2][index.last!] : 0
            return row.indices.reduce(start) { $0 + row[$1] * grids[1][index.last!, $1] }
          }
        }
      }
    }
    + [
      OperationCase("attention of 2 heads", [[2, 5, 24]]) {
        $0.attention($1[0], heads: 2)
      } definition: { grids in
        DoubleGrid([2, 5, 8]) { index in
          let (image, query, channel) = (index[0], index[1], index[2])
          let weights = (0..<5).map { key in
            exp(
              (channel / 4 * 4..<channel / 4 * 4 + 4).reduce(0) {
                $0 + grids[0][image, query, $1] * grids[0][image, key, 8 + $1]
              } / 2)
          }
          let mixed = weights.indices.reduce(0) { $0 + weights[$1] * grids[0][image, $1, 16 + channel] }
          return mixed / weights.reduce(0, +)
        }
      }
    ]
    + [(false, false), (true, false), (false, true), (true, true)].map { first, second in
      OperationCase(
        "matrix products, transposed \(first) \(second)",
        [first ? [2, 3, 6, 4] : [2, 3, 4, 6], second ? [2, 3, 5, 6] : [2, 3, 6, 5]]
      ) {
        $0.matrixProducts($1[0], $1[1], transposeLeft: first, transposeRight: second)
      } definition: { grids in
        DoubleGrid([2, 3, 4, 5]) { index in
          let (a, b, i, j) = (index[0], index[1], index[2], index[3])
          return (0..<6).reduce(0) {
            $0 + (first ? grids[0][a, b, $1, i] : grids[0][a, b, i, $1])
              * (second ? grids[1][a, b, j, $1] : grids[1][a, b, $1, j])
          }
        }
      }
    }

  private static func normalized(_ value: Double, among values: [Double], epsilon: Double) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (value - mean) / (variance + epsilon).squareRoot()
  }

  private static let normalizations: [OperationCase] =
    ([[4, 6], [2, 3, 17]] as [Shape]).map { shape in
      let channels = shape.extents.last!
      return OperationCase("layer normalisation", [shape, [channels], [channels]]) {
        $0.layerNormalization($1[0], scale: $1[1], shift: $1[2], epsilon: 1e-2)
      } definition: { grids in
        DoubleGrid(shape) { index in
          normalized(grids[0][index], among: grids[0].row(index), epsilon: 1e-2) * grids[1][index.last!]
            + grids[2][index.last!]
        }
      }
    }
    + [1, 2, 6].map { groups in
      OperationCase("normalisation of \(groups) groups", [[2, 6, 3, 4], [6], [6]]) {
        $0.groupNormalization($1[0], groups: groups, scale: $1[1], shift: $1[2], epsilon: 1e-2)
      } definition: { grids in
        let width = 6 / groups
        return DoubleGrid([2, 6, 3, 4]) { index in
          let first = index[1] / width * width
          let members = DoubleGrid([width, 3, 4]) { grids[0][index[0], first + $0[0], $0[1], $0[2]] }
          return normalized(grids[0][index], among: members.values, epsilon: 1e-2) * grids[1][index[1]]
            + grids[2][index[1]]
        }
      }
    }

  private static let resamplings: [OperationCase] =
    [(7, 9), (10, 8), (3, 2), (1, 1), (5, 4), (13, 3)].flatMap { height, width in
      [true, false].map { aligns in
        OperationCase("bilinear to \(height) x \(width), corners aligned \(aligns)", [[2, 3, 5, 4]]) {
          $0.bilinearResampling($1[0], height: height, width: width, alignsCorners: aligns)
        } definition: { grids in
          func place(_ index: Int, _ from: Int, _ to: Int) -> Double {
            if aligns { return to > 1 ? Double(index * (from - 1)) / Double(to - 1) : 0 }
            return max(0, (Double(index) + 0.5) * Double(from) / Double(to) - 0.5)
          }
          // A tent of width 1 around the place, what is left of it on the edge going to the last pixel.
          func weight(_ pixel: Int, _ place: Double, _ extent: Int) -> Double {
            let clamped = min(place, Double(extent - 1))
            return max(0, 1 - abs(Double(pixel) - clamped))
          }
          return DoubleGrid([2, 3, height, width]) { index in
            let (y, x) = (place(index[2], 5, height), place(index[3], 4, width))
            var sum = 0.0
            for row in 0..<5 {
              for column in 0..<4 {
                sum += weight(row, y, 5) * weight(column, x, 4) * grids[0][index[0], index[1], row, column]
              }
            }
            return sum
          }
        }
      }
    }
    + [(1, 1), (2, 2), (3, 4), (5, 4), (7, 7), (1, 3)].map { height, width in
      OperationCase("means of \(height) x \(width) cells", [[2, 3, 5, 4]]) {
        $0.adaptiveAveragePooling($1[0], height: height, width: width)
      } definition: { grids in
        func cell(_ index: Int, _ count: Int, _ extent: Int) -> Range<Int> {
          let end = (Double((index + 1) * extent) / Double(count)).rounded(.up)
          return Int((Double(index * extent) / Double(count)).rounded(.down))..<Int(end)
        }
        return DoubleGrid([2, 3, height, width]) { index in
          let (rows, columns) = (cell(index[2], height, 5), cell(index[3], width, 4))
          let values = rows.flatMap { row in columns.map { grids[0][index[0], index[1], row, $0] } }
          return values.reduce(0, +) / Double(values.count)
        }
      }
    }

  private static func value(_ function: Activation, _ x: Double) -> Double {
    switch function {
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .silu: x / (1 + exp(-x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .sigmoid: 1 / (1 + exp(-x))
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .gelu: x * 0.5 * erfc(-x / 2.0.squareRoot())
    }
  }

  private static let pointwise: [OperationCase] =
    [
      OperationCase("scaling", [[3, 5]]) {
        $0.scaled($1[0], by: -2.5)
      } definition: {
        DoubleGrid($0[0].shape, $0[0].values.map { $0 * -2.5 })
      },
      OperationCase("bounded exponential", [[4, 1, 1]], scale: 3) {
        $0.boundedExponential($1[0], bound: 1)
      } definition: {
        DoubleGrid($0[0].shape, $0[0].values.map { exp(min($0, 1)) })
      },
    ]
    + Activation.allCases.flatMap { function in
      [
        OperationCase("\(function)", [[2, 13, 5, 3]], scale: 8) {
          $0.activation($1[0], function)
        } definition: {
          DoubleGrid($0[0].shape, $0[0].values.map { value(function, $0) })
        },
        OperationCase("\(function) of parameters", [[5, 3]], scale: 8) {
          $0.parameterActivation($1[0], function)
        } definition: {
          DoubleGrid($0[0].shape, $0[0].values.map { value(function, $0) })
        },
      ]
    }

  private static let channelwise: [OperationCase] =
    ([[2, 13, 5, 3], [1, 16, 1, 1], [3, 5, 4, 7]] as [Shape])
    .flatMap { shape in
      let factors: Shape = [shape.batch, shape.channels, 1, 1]
      return [
        OperationCase("channel means", [shape]) {
          $0.channelMeans($1[0])
        } definition: { grids in
          DoubleGrid(factors) { index in
            let plane = DoubleGrid([shape.height, shape.width]) { grids[0][[index[0], index[1]] + $0] }
            return plane.values.reduce(0, +) / Double(plane.values.count)
          }
        },
        OperationCase("channel product", [shape, factors]) {
          $0.channelProduct($1[0], factors: $1[1])
        } definition: { grids in
          DoubleGrid(shape) { grids[0][$0] * grids[1][$0[0], $0[1], 0, 0] }
        },
        OperationCase("sum", [shape, shape]) {
          $0.sum($1[0], $1[1])
        } definition: { grids in
          DoubleGrid(shape, zip(grids[0].values, grids[1].values).map(+))
        },
      ]
    }

  private static let updates: [OperationCase] =
    ([
      ([5, 7], [2, 7], [5, 2], 0), ([70, 3, 3, 2], [2, 3, 3, 2], [70, 2, 1, 1], 0),
      ([5, 3, 3, 3], [2, 3, 1, 1], [5, 2, 1, 1], 4), ([4, 3, 1, 5], [6, 3, 1, 1], [4, 6, 1, 1], 2),
    ] as [(Shape, Shape, Shape, Int)]).map { weight, reduction, expansion, tap in
      OperationCase("low-rank sum at \(tap)", [weight, reduction, expansion]) {
        $0.lowRankSum($1[0], reduction: $1[1], expansion: $1[2], scale: -1.5, tap: tap)
      } definition: { grids in
        let (row, area) = (reduction.count / reduction[0], weight.count / weight[0])
        let taps = area / row
        let values = grids[0].values.enumerated().map { place, value in
          let (filter, inner) = (place / area, place % area)
          guard inner % taps == tap else { return value }
          return (0..<reduction[0]).reduce(value) { sum, rank in
            sum - 1.5 * grids[2].values[filter * reduction[0] + rank]
              * grids[1].values[rank * row + inner / taps]
          }
        }
        return DoubleGrid(weight, values)
      }
    }

  private static let means: [OperationCase] =
    [1, 2, 5].map { members in
      OperationCase(
        "log of mean probabilities", Array(repeating: [2, 3, 5, 7], count: members), scale: 4
      ) {
        $0.logMeanProbabilities($1)
      } definition: { grids in
        DoubleGrid(grids[0].shape) { index in
          let shares = grids.map { grid in
            func term(_ channel: Int) -> Double { exp(grid[index[0], channel, index[2], index[3]]) }
            return term(index[1]) / (0..<3).reduce(0) { $0 + term($1) }
          }
          return log(shares.reduce(0, +) / Double(members))
        }
      }
    }
}
