import Foundation
import Numerics
import Tensors

/// A small transformer that makes filters over patches from the wavelengths of bands; networks for any bands
/// are published with it in the place of the filters.
///
/// A wavelength becomes sines and cosines, which two linear maps with a shortcut change. In one layer of a
/// transformer 128 learned tokens, those of the bands and one more attend to each other. What a band's token
/// becomes, with what it was added, gives the band's filters by a linear map; the last token gives their bias
/// by another.
///
/// - Source: Xiong et al. 2024, arXiv:2403.15356.
public struct KernelGenerator: Hashable, Sendable {
  /// The publisher, whose choices the others do not share.
  public enum Form: Hashable, Sendable {
    /// DOFA, as torchgeo has it: ReLU in the maps before the transformer, filters `[C, k, k, D]` times 0.01,
    /// and as much of the bias.
    case dofa
    /// Clay: GELU in these maps, filters `[C, D, k, k]` times 0.02, and the whole bias.
    case clay
  }

  /// The publisher.
  public let form: Form
  /// What the paths of the generator's tensors begin with: `patch_embed.`.
  public let place: String
  /// The path of the convolution that the filters are for.
  public let path: String
  /// The filters of a band.
  public let channels: Int
  /// Pixels along a side of a filter.
  public let side: Int

  private static let width = 128
  private static let heads = 4
  private static let hidden = 2048

  /// Describes the generator of a convolution with `channels` filters of `side` x `side` pixels.
  public init(_ form: Form, place: String, path: String, channels: Int, side: Int) {
    (self.form, self.place, self.path, self.channels, self.side) = (form, place, path, channels, side)
  }

  /// Returns the generator whose paths all begin with `prefix`.
  func below(_ prefix: String) -> KernelGenerator {
    KernelGenerator(form, place: prefix + place, path: prefix + path, channels: channels, side: side)
  }

  /// The path of the filters `[D, C, k, k]` that it makes.
  public var weightPath: String { path + ".weight" }

  /// The path of the bias `[D]` that it makes.
  public var biasPath: String { path + ".bias" }

  /// The beginnings of the paths of its own tensors.
  var parts: [String] { [place + "weight_generator", place + "fclayer"] }

  /// Its own tensors by path, and their shapes.
  public var tensors: [String: Shape] {
    let (width, hidden) = (Self.width, Self.hidden)
    let maps: [(String, Int, Int)] = [
      (before[0], width, width), (before[1], width, width), (layer + "self_attn.out_proj", width, width),
      (layer + "linear1", hidden, width), (layer + "linear2", width, hidden),
      (generator + "fc_weight", side * side * channels, width), (generator + "fc_bias", channels, width),
    ]
    var shapes: [String: Shape] = [
      generator + "weight_tokens": [width, width], generator + "bias_token": [1, width],
      layer + "self_attn.in_proj_weight": [3 * width, width], layer + "self_attn.in_proj_bias": [3 * width],
    ]
    for (path, outputs, inputs) in maps {
      (shapes[path + ".weight"], shapes[path + ".bias"]) = ([outputs, inputs], [outputs])
    }
    for norm in ["norm1", "norm2"] {
      (shapes[layer + norm + ".weight"], shapes[layer + norm + ".bias"]) = ([width], [width])
    }
    return shapes
  }

  private var generator: String { place + "weight_generator." }
  private var layer: String {
    generator + (form == .dofa ? "transformer_encoder" : "encoder") + ".layers.0."
  }
  private var before: [String] {
    (form == .dofa ? ["w1", "w2"] : ["l1", "l2"]).map { place + "fclayer." + $0 }
  }

  /// Makes the filters `[D, C, k, k]` of bands and their bias `[D]`.
  ///
  /// - Parameters:
  ///   - wavelengths: one a band, in nanometres.
  ///   - tensors: those of ``tensors``, of these shapes.
  /// - Precision: sums are taken in Double; the result does not depend on the number of threads.
  public func filters(for wavelengths: [Double], from tensors: [String: Tensor]) -> (
    weight: Tensor, bias: Tensor
  ) {
    let arithmetic = GeneratorArithmetic(tensors)
    let coded = wavelengths.map(code)
    let inner = arithmetic.mapped(coded, before[0]).map { $0.map(activation) }
    let waves = zip(coded, arithmetic.mapped(inner, before[1])).map { code, change in
      zip(code, change).map { $0 + activation($1) }
    }
    let learned = arithmetic.rows(generator + "weight_tokens")
    let tokens = learned + waves + arithmetic.rows(generator + "bias_token")
    let results = arithmetic.transformed(tokens, layer, heads: Self.heads)
    let ofBands = zip(results[learned.count...], waves).map { zip($0, $1).map { $0 + $1 } }
    let filters = arithmetic.mapped(ofBands, generator + "fc_weight")
    let bias = arithmetic.mapped([results.last!], generator + "fc_bias")[0]
    return (
      weight: ordered(filters),
      bias: Tensor(bias.map { Float(form == .dofa ? 0.01 * $0 : $0) }, shape: [channels])
    )
  }

  /// Returns the sines, then the cosines, of a wavelength times falling frequencies. They are computed in
  /// Float as the publishers do: their angles, up to 2,190 radians of Sentinel-2, are rounded to 1e-4.
  private func code(_ nanometres: Double) -> [Double] {
    let count = Self.width / 2
    let micrometres = Float(nanometres / 1000)
    let position = form == .dofa ? micrometres * 1000 : micrometres
    let divisor = Float(form == .dofa ? count : count - 1)
    let angles = (0..<count).map { Double(position * (1 / pow(10_000, Float($0) / divisor))) }
    return angles.map(sin) + angles.map(cos)
  }

  private func activation(_ value: Double) -> Double {
    form == .dofa ? max(0, value) : GeneratorArithmetic.gelu(value)
  }

  /// Returns the filters of each band, in the publisher's order, as those of a convolution.
  private func ordered(_ filters: [[Double]]) -> Tensor {
    let area = side * side
    var values = Array(repeating: Float(0), count: filters.count * area * channels)
    for (band, numbers) in filters.enumerated() {
      for channel in 0..<channels {
        for tap in 0..<area {
          values[(channel * filters.count + band) * area + tap] =
            form == .dofa
            ? Float(0.01 * numbers[tap * channels + channel]) : Float(0.02 * numbers[channel * area + tap])
        }
      }
    }
    return Tensor(values, shape: [channels, filters.count, side, side])
  }
}

/// The arithmetic of a generator on rows of numbers, in Double.
private struct GeneratorArithmetic {
  private let tensors: [String: Tensor]

  init(_ tensors: [String: Tensor]) { self.tensors = tensors }

  /// Returns the rows of a matrix.
  func rows(_ path: String) -> [[Double]] {
    let (values, width) = (tensors[path]!.values, tensors[path]!.shape[1])
    return stride(from: 0, to: values.count, by: width).map { values[$0..<$0 + width].map(Double.init) }
  }

  /// Maps rows by the linear map at a path.
  func mapped(_ rows: [[Double]], _ path: String) -> [[Double]] {
    mapped(rows, weight: path + ".weight", bias: path + ".bias")
  }

  /// Returns what the layer of a transformer makes of tokens that all attend to each other; sums are
  /// normalised, not what is summed.
  func transformed(_ tokens: [[Double]], _ layer: String, heads: Int) -> [[Double]] {
    let packed = mapped(
      tokens, weight: layer + "self_attn.in_proj_weight", bias: layer + "self_attn.in_proj_bias")
    let attended = mapped(attention(packed, heads: heads), layer + "self_attn.out_proj")
    let middle = normalized(sum(tokens, attended), layer + "norm1")
    let inner = mapped(middle, layer + "linear1").map { $0.map(Self.gelu) }
    return normalized(sum(middle, mapped(inner, layer + "linear2")), layer + "norm2")
  }

  static func gelu(_ value: Double) -> Double { value / 2 * (1 + erf(value / 2.squareRoot())) }

  private func mapped(_ rows: [[Double]], weight: String, bias: String) -> [[Double]] {
    let (weight, bias) = (tensors[weight]!, tensors[bias]!.values)
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    var results = Array(repeating: 0.0, count: rows.count * outputs)
    let block = 256
    weight.withValues { weight in
      results.withUnsafeMutableBufferPointer { results in
        parallelLoop((outputs + block - 1) / block) { index in
          for output in index * block..<min(outputs, (index + 1) * block) {
            for (row, values) in rows.enumerated() {
              var sum = Double(bias[output])
              for input in 0..<inputs { sum += values[input] * Double(weight[output * inputs + input]) }
              results[row * outputs + output] = sum
            }
          }
        }
      }
    }
    return rows.indices.map { Array(results[$0 * outputs..<($0 + 1) * outputs]) }
  }

  /// Returns the attended values of packed rows `[3 h d]`: all queries, then all keys, then all values.
  private func attention(_ packed: [[Double]], heads: Int) -> [[Double]] {
    let width = packed[0].count / 3
    let size = width / heads
    return packed.map { row in
      (0..<heads).flatMap { head -> [Double] in
        let first = head * size
        let logits = packed.map { other in
          (first..<first + size).reduce(0) { $0 + row[$1] * other[width + $1] } / Double(size).squareRoot()
        }
        let largest = logits.max()!
        let weights = logits.map { exp($0 - largest) }
        let total = weights.reduce(0, +)
        return (first..<first + size).map { place in
          zip(packed, weights).reduce(0) { $0 + $1.0[2 * width + place] * $1.1 } / total
        }
      }
    }
  }

  private func normalized(_ rows: [[Double]], _ path: String) -> [[Double]] {
    let (scale, shift) = (tensors[path + ".weight"]!.values, tensors[path + ".bias"]!.values)
    return rows.map { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      let factor = 1 / (variance + 1e-5).squareRoot()
      return row.indices.map { (row[$0] - mean) * factor * Double(scale[$0]) + Double(shift[$0]) }
    }
  }

  private func sum(_ left: [[Double]], _ right: [[Double]]) -> [[Double]] {
    zip(left, right).map { zip($0, $1).map { $0 + $1 } }
  }
}
