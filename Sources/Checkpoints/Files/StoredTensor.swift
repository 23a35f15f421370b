import Foundation
import Layers
import Tensors

/// The place of the elements of a tensor in a file, known to be inside of it.
struct StoredTensor: Sendable {
  let element: ElementType
  let shape: Shape
  /// The number of elements from one to the next along each axis.
  let strides: [Int]
  /// The place of the first element's first byte in the file.
  let start: Int
  /// The places of the elements where they are no run of bytes; nil where they are.
  let numbers: ProtobufNumbers?
  /// The file that the elements are in.
  let file: FileBytes

  /// Creates a view of a run of bytes.
  ///
  /// - Parameters:
  ///   - name: the name of the tensor, for messages.
  ///   - offset: the number of elements before the first one.
  ///   - storage: the bytes of the file that the view may reach.
  /// - Throws: ``CheckpointError`` `malformed` where it reaches farther, or no tensor can have this shape.
  init(
    named name: String, _ element: ElementType, extents: [Int], strides: [Int], offset: Int,
    in storage: Range<Int>, of bytes: FileBytes
  ) throws(CheckpointError) {
    let count = try Self.elementCount(extents, of: name, in: bytes)
    guard extents.count == strides.count, strides.allSatisfy({ $0 >= 0 }), offset >= 0 else {
      throw bytes.malformed(
        "tensor '\(name)' of shape \(extents) has impossible strides \(strides) or offset \(offset)")
    }
    let size = element.bits / 8
    (self.element, shape, self.strides) = (element, Shape(extents), strides)
    (numbers, file) = (nil, bytes)
    guard count > 0 else {
      start = storage.lowerBound
      return
    }
    let available = storage.count / size
    // The end is one past the last element, as far as integers go.
    var end = offset
    var overflows = end == Int.max
    if !overflows { end += 1 }
    for (extent, stride) in zip(extents, strides) {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = end.addingReportingOverflow(reach)
      overflows = overflows || overflow || carry
      end = sum
    }
    guard !overflows, end <= available else {
      throw bytes.malformed(
        "tensor '\(name)' of shape \(extents), strides \(strides) and offset \(offset) reaches past the end of its "
          + "storage of \(available) elements")
    }
    start = storage.lowerBound + offset * size
  }

  /// Creates a tensor of elements in row-major order from a byte on, as many as the shape has; the caller
  /// knows that they are in the file.
  init(_ element: ElementType, shape: Shape, start: Int, of bytes: FileBytes) {
    (self.element, self.shape, self.start) = (element, shape, start)
    strides = Self.rowMajor(shape.extents)
    (numbers, file) = (nil, bytes)
  }

  /// Creates a tensor of numbers that must be gathered, or brought into another form, to be read.
  init(_ element: ElementType, shape: Shape, numbers: ProtobufNumbers, of bytes: FileBytes) {
    (self.element, self.shape, self.numbers, file) = (element, shape, numbers, bytes)
    (strides, start) = (Self.rowMajor(shape.extents), numbers.parts.first?.lowerBound ?? 0)
  }

  /// Returns the parameter that the tensor holds in a form; nil where it is not of that form, or its elements
  /// are no run of bytes.
  func parameter(from form: StoredForm) -> StoredTensor? {
    guard numbers == nil, let parameter = form.shape(of: shape) else { return nil }
    return StoredTensor(
      element, shape: parameter, strides: form.strides(of: shape, strides), start: start, of: file)
  }

  /// Creates a tensor of numbers at hand.
  ///
  /// - Parameter path: the path of the file that they stand for, for messages.
  init(_ tensor: Tensor, path: String) {
    let data = tensor.withValues { values in
      var data = Data(capacity: 4 * values.count)
      for value in values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      return data
    }
    self.init(.F32, shape: tensor.shape, start: 0, of: FileBytes(data, path: path))
  }

  /// The transpose of a matrix of elements in a run of bytes; nil of anything else.
  var transposed: StoredTensor? {
    guard shape.rank == 2, numbers == nil else { return nil }
    return StoredTensor(
      element, shape: [shape[1], shape[0]], strides: [strides[1], strides[0]], start: start, of: file)
  }

  private init(_ element: ElementType, shape: Shape, strides: [Int], start: Int, of bytes: FileBytes) {
    (self.element, self.shape, self.strides, self.start) = (element, shape, strides, start)
    (numbers, file) = (nil, bytes)
  }

  /// Returns the number of elements of a shape.
  ///
  /// - Throws: ``CheckpointError`` where an extent is negative, or the product overflows even with extents of
  ///   0 left out, so that no product of some of the extents does either.
  static func elementCount(
    _ extents: [Int], of name: String, in bytes: FileBytes
  ) throws(CheckpointError) -> Int {
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow, next <= Int.max / 16 else {
        throw bytes.malformed("tensor '\(name)' has an impossible shape \(extents)")
      }
      product = next
    }
    return extents.contains(0) ? 0 : product
  }

  private static func rowMajor(_ extents: [Int]) -> [Int] {
    var strides = extents
    var product = 1
    for axis in extents.indices.reversed() {
      strides[axis] = product
      product *= max(1, extents[axis])
    }
    return strides
  }

  /// Whether the elements lie one after the other in row-major order; axes of extent 1 do not matter.
  var isContiguous: Bool {
    zip(shape.extents, zip(strides, Self.rowMajor(shape.extents))).allSatisfy { $0 == 1 || $1.0 == $1.1 }
  }

  /// The bytes from the first element to the last; empty where they are no run.
  var span: Range<Int> {
    guard shape.count > 0, numbers == nil else { return start..<start }
    let last = zip(shape.extents, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
    return start..<start + (last + 1) * (element.bits / 8)
  }
}
