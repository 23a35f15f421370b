/// The numbers of a tensor `[N, C, H, W]` of Float32 as planes of some channels each: one where it is plain, a block where it is
/// blocked.
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
  ) where Channels: SIMD, Channels.Scalar == Float {
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
    sums(into: target) { range, sums in
      for pixel in range {
        for channel in 0..<block { sums[channel] += source[pixel * block + channel] }
      }
    }
    for channel in 0..<block { target[channel] /= Float(pixels) }
  }

  /// The sum over the pixels of a plane of the products of two.
  @inline(__always)
  func products(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    sums(into: target) { range, sums in
      for pixel in range {
        for channel in 0..<block {
          sums[channel] += left[pixel * block + channel] * right[pixel * block + channel]
        }
      }
    }
  }

  @inline(__always)
  private func sums(
    into target: UnsafeMutablePointer<Float>, _ add: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { totals in
      totals.update(repeating: 0)
      for first in stride(from: 0, to: pixels, by: 64) {
        target.update(repeating: 0, count: block)
        add(first..<min(first + 64, pixels), target)
        for channel in 0..<block { totals[channel] += Double(target[channel]) }
      }
      for channel in 0..<block { target[channel] = Float(totals[channel]) }
    }
  }
}
