import Numerics

/// A row of a raster of classes.
struct RegionRow {
  var values: [UInt8]
  /// The number of each pixel's region, below 0 for no data.
  var numbers: [Int32]
}

/// The regions of a raster of classes, of which small ones are merged into the largest beside them.
///
/// It is told of every row twice: to count the pixels of regions, then to note where small ones touch others.
struct SmallRegions {
  private let smallest: Int
  private var sets = DisjointSets()
  /// Pixels and class of each region, at the lowest of its numbers.
  private var sizes: [Int] = []
  private var classes: [UInt8] = []
  /// The first and the last touch of each small region, below 0 for none. There are none of large ones: they
  /// are not merged into others.
  private var (firstTouch, lastTouch): ([Int32], [Int32]) = ([], [])
  /// A number of the region that is touched, and the next touch of the same small region.
  private var touches: [(region: Int32, next: Int32)] = []

  /// Creates no regions.
  ///
  /// - Parameter smallest: pixels of the smallest region that stays.
  init(smallest: Int) { self.smallest = smallest }

  /// Counts the pixels of a row, the next one from the top.
  mutating func count(_ row: RegionRow, below above: RegionRow?) {
    for (column, number) in row.numbers.enumerated() where number >= 0 {
      if number == sizes.count {
        _ = sets.add()
        sizes.append(0)
        classes.append(row.values[column])
      }
      sizes[Int(number)] += 1
      guard let above, above.values[column] == row.values[column] else { continue }
      if above.numbers[column] != number { sets.join(above.numbers[column], number) }
    }
  }

  /// Gives each region the pixels of all its numbers; called once all rows are counted.
  mutating func addUpNumbers() {
    for number in sizes.indices {
      let root = Int(sets.root(of: Int32(number)))
      if root != number { sizes[root] += sizes[number] }
    }
    firstTouch = Array(repeating: -1, count: sizes.count)
    lastTouch = firstTouch
  }

  /// Notes where the regions of a row touch each other and those above.
  mutating func touch(_ row: RegionRow, below above: RegionRow?) {
    for (column, number) in row.numbers.enumerated() where number >= 0 {
      if column > 0 { touch(number, row.numbers[column - 1]) }
      if let above { touch(number, above.numbers[column]) }
    }
  }

  private mutating func touch(_ number: Int32, _ other: Int32) {
    guard other >= 0, other != number else { return }
    let (one, two) = (sets.root(of: number), sets.root(of: other))
    guard one != two else { return }
    for (region, beside) in [(one, two), (two, one)] where sizes[Int(region)] < smallest {
      let last = lastTouch[Int(region)]
      if last >= 0, touches[Int(last)].region == beside { continue }
      let touch = Int32(touches.count)
      touches.append((beside, -1))
      if last >= 0 { touches[Int(last)].next = touch } else { firstTouch[Int(region)] = touch }
      lastTouch[Int(region)] = touch
    }
  }

  /// Merges small regions, the smallest first, of those of one size the one with the lowest number.
  mutating func merge() {
    var waiting: [Int: [Int32]] = [:]
    for number in sizes.indices where sizes[number] < smallest && sets.root(of: Int32(number)) == number {
      waiting[sizes[number], default: []].append(Int32(number))
    }
    var size = 1
    while size < smallest, !waiting.isEmpty {
      for region in (waiting.removeValue(forKey: size) ?? []).sorted()
      where sets.root(of: region) == region && sizes[Int(region)] == size {
        guard let whole = mergeIntoLargest(region) else { continue }
        // It is larger than what is being looked at.
        if sizes[Int(whole)] < smallest { waiting[sizes[Int(whole)], default: []].append(whole) }
      }
      size += 1
    }
  }

  /// Returns what a small region becomes a part of; nil where there is nothing beside it.
  private mutating func mergeIntoLargest(_ region: Int32) -> Int32? {
    var beside: [Int32] = []
    var touch = firstTouch[Int(region)]
    while touch >= 0 {
      let other = sets.root(of: touches[Int(touch)].region)
      if other != region { beside.append(other) }
      touch = touches[Int(touch)].next
    }
    guard
      let largest = beside.max(by: { (sizes[Int($0)], -$0) < (sizes[Int($1)], -$1) })
    else { return nil }
    let value = classes[Int(largest)]
    var whole = join(region, largest, as: value)
    // The region has parted others of this class from each other.
    for other in beside where classes[Int(sets.root(of: other))] == value {
      whole = join(whole, sets.root(of: other), as: value)
    }
    return whole
  }

  private mutating func join(_ one: Int32, _ two: Int32, as value: UInt8) -> Int32 {
    guard one != two else { return one }
    let (kept, other) = (Int(min(one, two)), Int(max(one, two)))
    sets.join(one, two)
    sizes[kept] += sizes[other]
    classes[kept] = value
    if firstTouch[kept] < 0 {
      (firstTouch[kept], lastTouch[kept]) = (firstTouch[other], lastTouch[other])
    } else if firstTouch[other] >= 0 {
      touches[Int(lastTouch[kept])].next = firstTouch[other]
      lastTouch[kept] = lastTouch[other]
    }
    return Int32(kept)
  }

  /// Returns the classes of a row once small regions are merged.
  mutating func values(of row: RegionRow) -> [UInt8] {
    var values = row.values
    for (column, number) in row.numbers.enumerated() where number >= 0 {
      values[column] = classes[Int(sets.root(of: number))]
    }
    return values
  }
}
