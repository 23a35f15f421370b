/// The places of intermediate results in one block of memory: two that are never needed at the same time may
/// share one.
///
/// Known before anything is computed, so that a run can say what it will take.
struct ArenaPlan {
  /// A stretch of the arena, in floats from its beginning.
  struct Slot {
    let offset, count: Int
    fileprivate let lifetime: ClosedRange<Int>

    /// Returns the part of the slot from the float `first` on.
    func from(_ first: Int) -> Slot { Slot(offset: offset + first, count: count - first, lifetime: lifetime) }
  }

  private var slots: [Slot] = []

  /// Floats that the arena must have.
  private(set) var count = 0

  /// Floats of a page: places start at its multiples, so that no two results meet in one cache line.
  private static let alignment = 1024

  /// Returns a place for `bytes` from one step until another, both included.
  mutating func slot(bytes: Int, during lifetime: ClosedRange<Int>) -> Slot {
    slot((bytes + MemoryLayout<Float>.size - 1) / MemoryLayout<Float>.size, during: lifetime)
  }

  /// Returns a place for `count` floats from one step until another, both included: the lowest that is free
  /// all that time.
  mutating func slot(_ count: Int, during lifetime: ClosedRange<Int>) -> Slot {
    let count = (count + Self.alignment - 1) / Self.alignment * Self.alignment
    var offset = 0
    for slot in slots.filter({ $0.lifetime.overlaps(lifetime) }).sorted(by: { $0.offset < $1.offset }) {
      if slot.offset >= offset + count { break }
      offset = max(offset, slot.offset + slot.count)
    }
    let slot = Slot(offset: offset, count: count, lifetime: lifetime)
    slots.append(slot)
    self.count = max(self.count, offset + count)
    return slot
  }
}
