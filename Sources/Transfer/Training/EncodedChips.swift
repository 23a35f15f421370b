import Chips
import Foundation
import Host
import Models
import Tensors

/// What a frozen encoder has made of each chip, kept for the passes after the first: in what the training's
/// pixels leave of their memory, else in a file without a name beside theirs.
///
/// Chips are encoded in batches of their own order, whatever batches they train in: what a transformer makes
/// of one depends on its place in the batch by a last bit, and a training that was interrupted is to end as
/// any other. Values are kept as they lie in memory, layout and precision included.
package final class EncodedChips {
  /// One of the encoder's values, of one chip.
  private struct Form: Equatable {
    /// The extents behind the first.
    let extents: [Int]
    let layout: Layout
    let bytes: Int

    /// - Parameter count: the chips in the tensor.
    init(_ tensor: Tensor, count: Int) {
      (extents, layout) = (Array(tensor.shape.extents.dropFirst()), tensor.layout)
      bytes = tensor.layout.bytes(of: tensor.shape) / count
    }

    func shape(_ count: Int) -> Shape { Shape([count] + extents) }
  }

  private let count, batch: Int
  private let store: PixelStore?
  private var forms: [Form] = []
  private var held: [Int: [UInt8]] = [:]
  private var file: PositionedFile?
  private var places: [Int: Int] = [:]
  /// Whether values can be kept: they are the same in each pass, in the host's memory, and there is room.
  package private(set) var isKeeping = true

  /// The chips whose values are kept.
  package var keptChips: Int { held.count + places.count }

  /// Values of the chips of a set, encoded so many at once.
  package init(of chips: ChipSet, batch: Int) {
    (count, store, self.batch) = (chips.chips.count, chips.store, batch)
  }

  /// Returns the values of chips; nil where they cannot be kept.
  ///
  /// - Parameter encode: returns what the encoder makes of the chips of these numbers.
  package func values(of chips: [Int], encodedBy encode: ([Int]) -> [Value]) -> [Value]? {
    for chip in chips where isKeeping && held[chip] == nil && places[chip] == nil {
      // The last batch is filled from the beginning: batches of another size are other kernels' work.
      let numbers = (0..<batch).map { (chip / batch * batch + $0) % count }
      isKeeping = keep(encode(numbers), of: numbers)
    }
    let values = isKeeping ? kept(chips) : nil
    if values == nil { (isKeeping, held, file, places) = (false, [:], nil, [:]) }
    return values
  }

  /// The bytes of a chip.
  private var bytes: Int { forms.reduce(0) { $0 + $1.bytes } }

  /// Keeps what was computed.
  ///
  /// - Returns: false where it would not be the same in another pass, or cannot be kept.
  private func keep(_ values: [Value], of chips: [Int]) -> Bool {
    guard values.allSatisfy({ !$0.needsGradient && $0.tensor.device == .host }) else { return false }
    let forms = values.map { Form($0.tensor, count: chips.count) }
    if self.forms.isEmpty {
      self.forms = forms
      if let store, bytes * count > store.unusedBytes {
        try? FileManager.default.createDirectory(at: store.directory, withIntermediateDirectories: true)
        file = try? PositionedFile(unnamedIn: store.directory.path)
        guard file != nil else { return false }
      }
    }
    guard forms == self.forms else { return false }
    for (index, chip) in chips.enumerated() where held[chip] == nil && places[chip] == nil {
      var content: [UInt8] = []
      content.reserveCapacity(bytes)
      for (value, form) in zip(values, forms) {
        let start = value.tensor.storage.hostAddress! + index * form.bytes
        content += UnsafeRawBufferPointer(start: start, count: form.bytes)
      }
      guard let file else {
        held[chip] = content
        continue
      }
      let place = places.count * bytes
      guard (try? file.write(content, at: place)) != nil else { return false }
      places[chip] = place
    }
    return true
  }

  /// Returns the values of chips that are kept; nil where the file cannot be read.
  private func kept(_ chips: [Int]) -> [Value]? {
    let tensors = forms.map { Tensor(uninitialized: $0.shape(chips.count), layout: $0.layout) }
    for (index, chip) in chips.enumerated() {
      guard let content = held[chip] ?? read(places[chip]!) else { return nil }
      var start = 0
      for (tensor, form) in zip(tensors, forms) {
        content.withUnsafeBytes {
          (tensor.storage.hostAddress! + index * form.bytes)
            .copyMemory(from: $0.baseAddress! + start, byteCount: form.bytes)
        }
        start += form.bytes
      }
    }
    return tensors.map { Value($0) }
  }

  private func read(_ place: Int) -> [UInt8]? {
    var content = [UInt8](repeating: 0, count: bytes)
    let file = file!
    let isRead = content.withUnsafeMutableBytes { (try? file.read($0, at: place)) != nil }
    return isRead ? content : nil
  }
}
