import Foundation

extension RandomSource {
  /// Normal with mean 0 and variance 1, in a fifth of the time of ``normal()``; how far the stream moves
  /// depends on the values.
  ///
  /// - Source: Marsaglia & Tsang 2000, doi:10.18637/jss.v005.i08.
  mutating func zigguratNormal() -> Double {
    let layers = Ziggurat.layers
    while true {
      // Layer, sign and place within the layer come from bits of their own.
      let bits = next()
      let (index, share) = (Int(bits & 255), Double(bits >> 11) * 0x1p-53)
      let (layer, above) = (layers[index], layers[index + 1])
      var value = share * layer.width
      if value >= above.width {
        if index == 0 {
          value = Ziggurat.tail(&self)
        } else if layer.density + (above.density - layer.density) * uniform() >= exp(-0.5 * value * value) {
          continue
        }
      }
      return bits & 256 == 0 ? value : -value
    }
  }
}

/// The half of the normal density exp(-x² / 2) under a staircase of 256 layers of one area, the lowest of
/// which stands for the tail too.
private enum Ziggurat {
  /// One layer: its reach, and the density at its lower edge.
  struct Layer {
    package let width, density: Double
  }

  /// The beginning of the tail, chosen so that 256 layers end at the density of 0.
  package static let tailStart = 3.654152885361009

  /// The layers from the lowest up, and the top, of no width. Made once and kept: an array would be retained
  /// and released for each value, which takes longer than all else.
  nonisolated(unsafe) static let layers: UnsafePointer<Layer> = {
    func density(_ place: Double) -> Double { exp(-0.5 * place * place) }
    let area =
      tailStart * density(tailStart) + (Double.pi / 2).squareRoot() * erfc(tailStart / 2.0.squareRoot())
    // The lowest layer is as wide as a rectangle of its area; what falls beyond the tail's start is drawn
    // anew from the tail.
    var layers = [
      Layer(width: area / density(tailStart), density: 0),
      Layer(width: tailStart, density: density(tailStart)),
    ]
    while layers.count < 256 {
      let last = layers[layers.count - 1]
      let height = last.density + area / last.width
      layers.append(Layer(width: (-2 * log(height)).squareRoot(), density: height))
    }
    layers.append(Layer(width: 0, density: 1))
    let kept = UnsafeMutableBufferPointer<Layer>.allocate(capacity: layers.count)
    _ = kept.initialize(fromContentsOf: layers)
    return UnsafePointer(kept.baseAddress!)
  }()

  /// Returns a value of the tail, by exponentials.
  static func tail(_ random: inout RandomSource) -> Double {
    while true {
      let beyond = -log(1 - random.uniform()) / tailStart
      if -2 * log(1 - random.uniform()) > beyond * beyond { return tailStart + beyond }
    }
  }
}
