import Classes
import Numerics
import Rasters
import Scenes
import Tensors

/// Chips of one size, cut from regions.
public struct ChipSet: Sendable {
  /// One chip: a window of a region, in the region's coordinates; it may reach beyond it.
  public struct Chip: Hashable, Sendable {
    let region: Int
    package let window: Window
  }

  /// Side of a chip in pixels.
  public let size: Int
  /// The chips, in the order of the regions.
  public private(set) var chips: [Chip]
  /// The style of another domain, whose low frequencies varied chips may get in place of their own; nil for
  /// none.
  public var style: FourierStyle?
  private(set) var regions: [LabelledRegion]
  private let stride: Int
  private let normalization: Normalization

  /// Creates the chips of `regions`, whose pixels are physical values.
  ///
  /// `normalization` is applied to each chip as it is cut: training, validation and alignment then share the
  /// regions' pixels, which may be gigabytes, and each subtraction costs nothing beside a convolution.
  ///
  /// - Parameters:
  ///   - stride: distance between neighbouring chips.
  ///   - unlabelled: take chips by validity rather than by labels.
  public init(
    _ regions: [LabelledRegion], normalization: Normalization, size: Int, stride: Int,
    unlabelled: Bool = false
  ) {
    (self.size, self.stride) = (size, stride)
    (self.regions, self.normalization) = (regions, normalization)
    precondition(size > 0 && stride > 0, "chips of \(size), \(stride) apart")
    chips = regions.enumerated().flatMap { index, region in
      region.chips(size: size, stride: stride, unlabelled: unlabelled).map { Chip(region: index, window: $0) }
    }
  }

  /// Returns the same chips with other labels, a list for each region, row by row; pixels without data stay
  /// unlabelled.
  package func relabelled(_ labels: [[UInt8]]) -> ChipSet {
    var set = self
    set.regions = zip(regions, labels).map { $0.relabelled($1) }
    return set
  }

  /// Returns the set with at most `limit` of the chips, evenly spread over them.
  package func thinned(to limit: Int) -> ChipSet {
    var set = self
    let count = chips.count
    if count > limit { set.chips = (0..<limit).map { chips[$0 * count / limit] } }
    return set
  }

  /// Cuts the chips with the given numbers as they are.
  public func batch(_ numbers: [Int]) -> ChipBatch {
    var unused = RandomSource(seed: 0, stream: "")
    return batch(numbers.map { chips[$0] }, augmentation: .none, random: &unused, onAllThreads: true)
  }

  /// Cuts the chips with the given numbers as they are, with each pixel's label in one chip only, the first
  /// that covers it: counting pixels needs that, because the last chip of a row or column is moved back and
  /// overlaps the one before.
  public func batchCountingOnce(_ numbers: [Int]) -> ChipBatch {
    let cut = batch(numbers)
    var targets = cut.targets
    for (index, number) in numbers.enumerated() {
      let window = chips[number].window
      let (columns, rows) = (covered(before: window.column), covered(before: window.row))
      for place in 0..<size * size where place % size < columns || place / size < rows {
        targets[index * size * size + place] = ClassIndex.none
      }
    }
    return ChipBatch(input: cut.input, targets: targets, valid: cut.valid, origins: cut.origins)
  }

  /// Returns the number of pixels, along one axis, of the chip that starts at `start` that the chip before it
  /// covers.
  private func covered(before start: Int) -> Int {
    guard start > 0 else { return 0 }
    let step = min(size, stride)
    return (start - 1) / step * step + size - start
  }

  /// Cuts the chips with the given numbers, each moved by up to half a stride and varied, and mixes them.
  ///
  /// On the calling thread alone: it is meant to run beside a network, whose threads it would fight for the
  /// cores.
  public func batch(_ numbers: [Int], augmentation: Augmentation, random: inout RandomSource) -> ChipBatch {
    let moved = numbers.map { number in
      let chip = chips[number]
      let reach = max(1, stride)
      var window = chip.window
      let (columns, rows) = (
        random.index(below: reach) - reach / 2, random.index(below: reach) - reach / 2
      )
      if augmentation.shift {
        window.column = shift(window.column, by: columns, extent: regions[chip.region].window.width)
        window.row = shift(window.row, by: rows, extent: regions[chip.region].window.height)
      }
      return Chip(region: chip.region, window: window)
    }
    return batch(moved, augmentation: augmentation, random: &random, style: style, onAllThreads: false)
  }

  /// Returns what varies the images of the chips from one pass to the next, in the words of the settings:
  /// none is moved whose region is no larger than it.
  package func variations(by augmentation: Augmentation) -> [String] {
    let isMoved = regions.contains { $0.window.width > size || $0.window.height > size }
    return augmentation.variations.filter { $0 != "shift" || isMoved } + (style == nil ? [] : ["fourier"])
  }

  /// The store that holds pixels of the regions; nil where they are in memory.
  package var store: PixelStore? { regions.lazy.compactMap(\.pixels.store).first }

  /// Returns the physical values of a chip as it is, `[C, size, size]`, and which pixels hold data,
  /// `[size, size]`.
  func physicalValues(of number: Int) -> (values: [Float], valid: [Bool]) {
    let bands = regions[chips[number].region].pixels.bandCount
    var values = [Float](repeating: 0, count: bands * size * size)
    var valid = [Bool](repeating: false, count: size * size)
    var targets = [UInt8](repeating: ClassIndex.none, count: size * size)
    values.withUnsafeMutableBufferPointer { values in
      valid.withUnsafeMutableBufferPointer { valid in
        targets.withUnsafeMutableBufferPointer { targets in
          ChipCutting(region: regions[chips[number].region], normalization: .none(bands: bands))
            .cut(
              chips[number].window,
              ChipGeometry(symmetry: SquareSymmetry(number: 0), angle: 0, zoom: 1, size: size),
              into: ChipPixels(bands: bands, size: size, values: values, valid: valid, targets: targets))
        }
      }
    }
    return (values, valid)
  }

  /// Moves a chip, but not beyond a region that is large enough to hold it.
  private func shift(_ start: Int, by distance: Int, extent: Int) -> Int {
    max(0, min(max(0, extent - size), start + distance))
  }

  private func batch(
    _ chips: [Chip], augmentation: Augmentation, random: inout RandomSource, style: FourierStyle? = nil,
    onAllThreads: Bool
  ) -> ChipBatch {
    let bands = regions.first?.pixels.bandCount ?? 0
    let mixing = BatchMixing(augmentation, count: chips.count, size: size, random: random)
    let variations = chips.map { _ in
      ChipVariation(
        augmentation, bands: bands / normalization.dates, dates: normalization.dates, size: size,
        random: &random)
    }
    let swaps = style.map { style in chips.map { _ in style.swap(random: &random) } }
    let pixels = chips.count * size * size
    var targets = [UInt8](repeating: ClassIndex.none, count: pixels)
    var valid = [Bool](repeating: false, count: pixels)
    var mixture: ChipBatch.Mixture?
    let input = Tensor(shape: [chips.count, bands, size, size]) { input in
      targets.withUnsafeMutableBufferPointer { targets in
        valid.withUnsafeMutableBufferPointer { valid in
          nonisolated(unsafe) let batch = BatchPixels(
            count: chips.count, bands: bands, size: size, values: input, valid: valid, targets: targets)
          func cut(_ index: Int) {
            self.cut(chips[index], variations[index], swaps?[index], into: batch.chip(index))
          }
          if onAllThreads { parallelLoop(chips.count, cut) } else { chips.indices.forEach(cut) }
          mixture = mixing.apply(to: batch)
        }
      }
    }
    let origins = zip(chips, variations).map { chip, variation in
      ChipOrigin(
        annotations: regions[chip.region].annotations, window: chip.window, geometry: variation.geometry)
    }
    return ChipBatch(input: input, targets: targets, valid: valid, mixture: mixture, origins: origins)
  }

  private func cut(
    _ chip: Chip, _ variation: ChipVariation, _ swap: FourierStyle.Swap?, into pixels: ChipPixels
  ) {
    ChipCutting(
      region: regions[chip.region], normalization: swap == nil ? normalization : .none(bands: pixels.bands)
    ).cut(chip.window, variation.geometry, into: pixels)
    if let swap {
      swap.apply(to: pixels)
      normalization.apply(to: pixels)
    }
    let oneDate = normalization.ofOneDate
    for (date, radiometry) in variation.radiometry.enumerated() {
      radiometry.apply(to: pixels.date(date, of: normalization.dates), oneDate)
    }
    variation.erasing?.apply(to: pixels)
  }
}
