/// The positions of a kernel that slides over an image.
public struct SlidingKernel: Hashable, Sendable {
  /// One axis of it.
  public struct Axis: Hashable, Sendable {
    /// Taps of the kernel.
    public let size: Int
    /// Pixels between two positions.
    public let stride: Int
    /// Zeros added before the first pixel and after the last one.
    public let before, after: Int
    /// Pixels between two taps.
    public let dilation: Int

    /// Creates an axis; as many zeros follow as precede where `after` is left out.
    public init(size: Int, stride: Int = 1, before: Int = 0, after: Int? = nil, dilation: Int = 1) {
      (self.size, self.stride, self.before, self.dilation) = (size, stride, before, dilation)
      self.after = after ?? before
    }

    /// Pixels from the first tap to the last one, both included: d (k - 1) + 1.
    public var reach: Int { dilation * (size - 1) + 1 }

    /// Positions along `extent` pixels: floor((extent + before + after - reach) / stride) + 1, none where the
    /// kernel does not fit.
    public func positions(along extent: Int) -> Int {
      let room = extent + before + after - reach
      return room < 0 ? 0 : room / stride + 1
    }

    /// Returns the pixels of an image under an undilated kernel at a position; pooling's view of it.
    package func pixels(at position: Int, of extent: Int) -> Range<Int> {
      let first = position * stride - before
      return max(first, 0)..<min(first + size, extent)
    }
  }

  /// The kernel along the rows' index and along the columns'.
  public let rows, columns: Axis

  /// Creates a kernel that differs between rows and columns.
  public init(rows: Axis, columns: Axis) { (self.rows, self.columns) = (rows, columns) }

  /// Creates a square kernel, the same for rows and columns, with as many zeros on every side.
  public init(size: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
    let axis = Axis(size: size, stride: stride, before: padding, dilation: dilation)
    self.init(rows: axis, columns: axis)
  }

  /// Taps of the whole kernel.
  public var area: Int { rows.size * columns.size }

  /// Computes the shape of a convolution of an `[N, C, H, W]` by `weight` `[K, C / g, k, l]`; traps where
  /// they do not fit.
  package func shape(of weight: Shape, over input: Shape) -> Shape {
    precondition(
      weight.rank == 4 && weight[1] > 0 && input.channels % weight[1] == 0
        && weight[0] % (input.channels / weight[1]) == 0 && weight[2] == rows.size
        && weight[3] == columns.size,
      "a weight \(weight) does not fit input \(input) and a kernel of \(rows.size) x \(columns.size)")
    return shape(over: input, channels: weight[0])
  }

  /// Returns the image of `channels` that its positions over an `[N, C, H, W]` make.
  public func shape(over input: Shape, channels: Int) -> Shape {
    [
      input.batch, channels, rows.positions(along: input.height), columns.positions(along: input.width),
    ]
  }
}
