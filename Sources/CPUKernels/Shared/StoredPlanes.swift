import Tensors

/// The numbers of a tensor `[N, C, H, W]` of Float32 as planes of some channels each: one where it is plain,
/// a block where it is blocked.
struct StoredPlanes {
  /// Channels that lie side by side.
  let block: Int
  /// Pixels of a plane.
  let pixels: Int
  /// Planes.
  let count: Int

  init(_ shape: Shape, layout: Layout) {
    if case .blocked(let block, _) = layout { self.block = block } else { block = 1 }
    pixels = shape.height * shape.width
    count = layout.storedCount(of: shape) / max(1, pixels * block)
  }

  /// Numbers of a plane.
  var size: Int { pixels * block }

  /// Each channel of a plane times a factor, plus an offset.
  @inline(__always)
  func transform(
    _ source: UnsafePointer<Float>, factors: UnsafePointer<Float>, offsets: UnsafePointer<Float>?,
    relu: Bool = false, into target: UnsafeMutablePointer<Float>
  ) {
    if block == 8 {
      transform(source, factors, offsets, relu, target, as: SIMD8<Float>.self)
    } else if block == 16 {
      transform(source, factors, offsets, relu, target, as: SIMD16<Float>.self)
    } else {
      for pixel in 0..<pixels {
        let value = source[pixel] * factors[0] + (offsets?[0] ?? 0)
        target[pixel] = relu && value < 0 ? 0 : value
      }
    }
  }

  @inline(__always)
  private func transform<Channels: SIMD<Float>>(
    _ source: UnsafePointer<Float>, _ factors: UnsafePointer<Float>, _ offsets: UnsafePointer<Float>?,
    _ relu: Bool, _ target: UnsafeMutablePointer<Float>, as type: Channels.Type
  ) {
    let factor = UnsafeRawPointer(factors).loadUnaligned(as: type)
    let offset = offsets.map { UnsafeRawPointer($0).loadUnaligned(as: type) } ?? .zero
    let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    for pixel in 0..<pixels {
      let place = pixel * MemoryLayout<Channels>.size
      var value = from.loadUnaligned(fromByteOffset: place, as: type) * factor + offset
      if relu { value.replace(with: 0, where: value .< 0) }
      to.storeBytes(of: value, toByteOffset: place, as: type)
    }
  }

  /// The mean of each channel of a plane; sums of 64 pixels in Float32, of these in Double.
  @inline(__always)
  func means(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    sums(of: source, times: nil, into: target)
    for channel in 0..<block { target[channel] /= Float(pixels) }
  }

  /// The share of each pixel in a number a channel: the adjoint of ``means(_:into:)``.
  @inline(__always)
  func spread(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    if block == 8 {
      spread(source, target, as: SIMD8<Float>.self)
    } else if block == 16 {
      spread(source, target, as: SIMD16<Float>.self)
    } else {
      target.update(repeating: source[0] / Float(pixels), count: pixels)
    }
  }

  @inline(__always)
  private func spread<Channels: SIMD<Float>>(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, as type: Channels.Type
  ) {
    let share = UnsafeRawPointer(source).loadUnaligned(as: type) / Float(pixels)
    let to = UnsafeMutableRawPointer(target)
    for pixel in 0..<pixels {
      to.storeBytes(of: share, toByteOffset: pixel * MemoryLayout<Channels>.size, as: type)
    }
  }

  /// The sum over the pixels of a plane of the products of two.
  @inline(__always)
  func products(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    sums(of: left, times: right, into: target)
  }

  @inline(__always)
  private func sums(
    of source: UnsafePointer<Float>, times factors: UnsafePointer<Float>?,
    into target: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { totals in
      totals.update(repeating: 0)
      for first in stride(from: 0, to: pixels, by: 64) {
        let (count, start) = (min(64, pixels - first), first * block)
        let (source, factors) = (source + start, factors.map { $0 + start })
        if block == 8 {
          sum(count, source, factors, target, as: SIMD8<Float>.self)
        } else if block == 16 {
          sum(count, source, factors, target, as: SIMD16<Float>.self)
        } else {
          target[0] = 0
          for pixel in 0..<count { target[0] += source[pixel] * (factors?[pixel] ?? 1) }
        }
        for channel in 0..<block { totals[channel] += Double(target[channel]) }
      }
      for channel in 0..<block { target[channel] = Float(totals[channel]) }
    }
  }

  @inline(__always)
  private func sum<Channels: SIMD<Float>>(
    _ count: Int, _ source: UnsafePointer<Float>, _ factors: UnsafePointer<Float>?,
    _ target: UnsafeMutablePointer<Float>, as type: Channels.Type
  ) {
    var sum = Channels.zero
    for pixel in 0..<count {
      let place = pixel * MemoryLayout<Channels>.size
      let value = UnsafeRawPointer(source).loadUnaligned(fromByteOffset: place, as: type)
      if let factors {
        sum += value * UnsafeRawPointer(factors).loadUnaligned(fromByteOffset: place, as: type)
      } else {
        sum += value
      }
    }
    UnsafeMutableRawPointer(target).storeBytes(of: sum, as: type)
  }
}
