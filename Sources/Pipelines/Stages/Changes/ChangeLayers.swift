import ChangeDetection
import Products
import Rasters
import SceneChanges

/// The raster layers that comparisons leave.
extension Layer {
  /// The mask of the pixels that changed.
  static let changeMask = Layer(
    "change", file: "change.tif", .classes(ChangePicture.legend), noData: Double(ChangePicture.legend.noData))

  /// The direction in which each pixel changed.
  static let changeDirection = Layer(
    "direction", file: "direction.tif",
    .measurement(.init("degrees from a rise that is alike in all bands", shown: .direction)), noData: .nan)

  /// Returns the layer of each pixel's magnitude of change.
  ///
  /// - Parameters:
  ///   - meaning: what the values are.
  ///   - threshold: where change begins; nil where none stands out.
  static func changeMagnitude(_ meaning: String, threshold: Double?) -> Layer {
    Layer(
      "magnitude", file: "magnitude.tif",
      .measurement(.init(meaning, shown: .magnitude(threshold: threshold))), noData: .nan)
  }

  /// The probability of the dates where nothing changed.
  static let changeSignificance = Layer(
    "significance", file: "significance.tif",
    .measurement(
      .init("probability of dates so different where nothing changed", shown: .significance)), noData: .nan)

  /// Returns the layer of the classes before and after; every pair has a value and a colour of its own.
  static func transitions(among classes: [Legend.Entry]) -> Layer {
    let comparison = PostClassification(classCount: classes.count)
    let colors = PairColors(classes: classes.map(\.color))
    let entries = classes.indices.flatMap { from in
      classes.indices.map { to in
        let (before, after) = (classes[from].name, classes[to].name)
        return Legend.Entry(
          value: comparison.value(from: UInt8(from), to: UInt8(to)),
          name: from == to ? "\(before), unchanged" : "\(before) to \(after)",
          color: colors.color(from: from, to: to))
      }
    }
    return Layer("from-to", file: "from-to.tif", .classes(Legend(entries: entries, noData: 0)), noData: 0)
  }

  /// Returns the layer of the date of a series that shows the change first, from early (blue) to late
  /// (yellow).
  ///
  /// - Parameter dates: the names of the scenes in their order.
  static func firstChange(on dates: [String]) -> Layer {
    let unchanged = Legend.Entry(
      value: 0, name: "no change", color: Color(red: 0xd9, green: 0xd9, blue: 0xd9))
    let entries = (1..<dates.count).map { index in
      let share = Double(index - 1) / Double(max(1, dates.count - 2))
      func level(_ early: Double, _ late: Double) -> UInt8 { UInt8(early + share * (late - early)) }
      return Legend.Entry(
        value: UInt8(index), name: "changed by \(dates[index])",
        color: Color(red: level(0x30, 0xfd), green: level(0x3f, 0xe0), blue: level(0x9f, 0x3f)))
    }
    let noData = PostClassification.Mask.notObserved.rawValue
    return Layer(
      "date", file: "date.tif", .classes(Legend(entries: [unchanged] + entries, noData: noData)),
      noData: Double(noData))
  }
}
