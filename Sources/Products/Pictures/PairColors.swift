import Rasters

/// A colour for each pair of classes, all of which can be told apart.
///
/// A pair has the hue of what it became, tinted by what it was and darker the earlier that is in the order of
/// classes; what did not change is pale.
public struct PairColors: Sendable {
  private let count: Int
  private let colors: [Color]

  /// The share of the target in a mixture: enough that its hue stays.
  private static let target = 0.72
  /// The range of lightness from the first source to the last.
  private static let spread = 0.2
  /// The share of a class's colour where it did not change; the rest is white.
  private static let pale = 0.25
  /// The least distance between colours, where there is room.
  private static let leastDistance = 0.06

  /// - Parameter classes: the colours of the classes, in their order.
  public init(classes: [Color]) {
    count = classes.count
    let own = classes.map(PerceivedColor.init)
    let white = PerceivedColor(Color(red: 255, green: 255, blue: 255))
    var taken: [PerceivedColor] = []
    var colors = [Color](
      repeating: Color(red: 255, green: 255, blue: 255), count: classes.count * classes.count)
    func place(_ wanted: PerceivedColor, from: Int, to: Int) {
      let free = Self.free(wanted, beside: taken)
      taken.append(PerceivedColor(free))
      colors[from * classes.count + to] = free
    }
    for index in classes.indices {
      place(own[index].mixed(Self.pale, with: white), from: index, to: index)
    }
    for from in classes.indices {
      for to in classes.indices where from != to {
        var color = own[to].mixed(Self.target, with: own[from])
        color.lightness += (Double(from) / Double(classes.count - 1) - 0.5) * Self.spread
        place(color, from: from, to: to)
      }
    }
    self.colors = colors
  }

  /// Returns the colour of a pair.
  public func color(from: Int, to: Int) -> Color { colors[from * count + to] }

  /// Returns the colour itself, or the nearest lighter or darker one that is far enough from all that are
  /// taken; where there is none, the one that is farthest.
  private static func free(_ wanted: PerceivedColor, beside taken: [PerceivedColor]) -> Color {
    var best: (distance: Double, color: Color)?
    for step in 0...24 {
      var candidate = wanted
      let shift = Double((step + 1) / 2) * 0.03
      candidate.lightness = max(0.25, min(0.95, wanted.lightness + (step % 2 == 1 ? shift : -shift)))
      let color = candidate.color
      let distance = taken.map { PerceivedColor(color).distance(to: $0) }.min() ?? 1
      if distance >= leastDistance { return color }
      if distance > best?.distance ?? -1 { best = (distance, color) }
    }
    return best!.color
  }
}
