import Foundation
import Tensors

extension StoredTensor {
  /// Reads the values as Float32 in row-major order; nil where Float32 cannot hold the type.
  ///
  /// - Parameter name: the name of the tensor, for messages.
  /// - Throws: ``CheckpointError``: `cannotRead`; `malformed` where numbers are no elements.
  func tensor(named name: String) throws(CheckpointError) -> Tensor? {
    guard element.isReadable else { return nil }
    guard element != .F32 || !isContiguous || numbers != nil else {
      // The values go straight to the place where they are used: most weights are Float32 in row-major order.
      var failure: CheckpointError?
      let tensor = Tensor(shape: shape) { target in
        do throws(CheckpointError) {
          try file.read(into: UnsafeMutableRawBufferPointer(target), at: start)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      return tensor
    }
    let bytes =
      if let numbers {
        try numbers.elements(of: element, count: shape.count, named: name, in: file)
      } else { try file.copy(span) }
    return Tensor(shape: shape) { target in
      guard let target = target.baseAddress, shape.count > 0 else { return }
      bytes.withUnsafeBytes { fill(target, from: $0.baseAddress!) }
    }
  }

  private func fill(_ target: UnsafeMutablePointer<Float>, from source: UnsafeRawPointer) {
    switch element {
    case .F32: convert(target, source) { (bits: UInt32) in Float(bitPattern: bits) }
    case .F64: convert(target, source) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .F16: convert(target, source) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
    case .BF16: convert(target, source) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .F8_E5M2: convert(target, source) { (bits: UInt8) in Float(Float16(bitPattern: UInt16(bits) << 8)) }
    case .F8_E4M3: convert(target, source, Self.float(e4m3:))
    case .BOOL: convert(target, source) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .U8: convert(target, source) { (value: UInt8) in Float(value) }
    case .I8: convert(target, source) { (value: Int8) in Float(value) }
    case .U16: convert(target, source) { (value: UInt16) in Float(value) }
    case .I16: convert(target, source) { (value: Int16) in Float(value) }
    case .U32: convert(target, source) { (value: UInt32) in Float(value) }
    case .I32: convert(target, source) { (value: Int32) in Float(value) }
    case .U64: convert(target, source) { (value: UInt64) in Float(value) }
    case .I64: convert(target, source) { (value: Int64) in Float(value) }
    case .F4, .F6_E2M3, .F6_E3M2, .F8_E8M0, .F8_E4M3FNUZ, .F8_E5M2FNUZ, .C32, .C64, .C128, .QI8, .QU8, .QI32:
      preconditionFailure("\(element) is not readable")
    }
  }

  /// Converts row by row, a row being the innermost axis.
  private func convert<Stored: FixedWidthInteger>(
    _ target: UnsafeMutablePointer<Float>, _ source: UnsafeRawPointer, _ value: (Stored) -> Float
  ) {
    let size = MemoryLayout<Stored>.size
    let isContiguous = isContiguous
    let outer = isContiguous ? [] : Array(shape.extents.dropLast())
    let row = isContiguous ? shape.count : shape.extents.last ?? 1
    let step = isContiguous ? 1 : strides.last ?? 1
    var place = [Int](repeating: 0, count: outer.count)
    var (written, first) = (0, 0)
    while written < shape.count {
      for index in 0..<row {
        let bits = source.loadUnaligned(fromByteOffset: (first + index * step) * size, as: Stored.self)
        target[written + index] = value(Stored(littleEndian: bits))
      }
      written += row
      // Finds the next row: the innermost of the outer axes that is not at its end moves on, those within it
      // start again.
      for axis in outer.indices.reversed() {
        place[axis] += 1
        first += strides[axis]
        if place[axis] < outer[axis] { break }
        first -= place[axis] * strides[axis]
        place[axis] = 0
      }
    }
  }

  /// Decodes a sign, 4 bits of exponent with bias 7 and 3 bits of fraction; no infinity, all ones are NaN.
  private static func float(e4m3 bits: UInt8) -> Float {
    let sign: Float = bits & 0x80 == 0 ? 1 : -1
    let (exponent, fraction) = (Int(bits >> 3 & 0xF), Float(bits & 7))
    if bits & 0x7F == 0x7F { return .nan }
    if exponent == 0 { return sign * fraction * 0x1p-9 }
    return sign * Float(sign: .plus, exponent: exponent - 7, significand: 1 + fraction / 8)
  }
}
