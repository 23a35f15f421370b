import Tensors

#if ONEDNN
  import COneDNN

  /// The gradient of 3 x 3 filters through Winograd's domain.
  ///
  /// Holds no memory of a batch: several threads may run it at once.
  final class WinogradWeightGradient: @unchecked Sendable {
    private let kernels: OneDNNKernels
    private let input: WinogradInput
    private let gradient: WinogradGradient
    private let first, further: OneDNNPrimitive
    private let inputStride, gradientStride: Int
    private let tileRows, tileColumns, stripRows: Int

    /// Prepares it for images of `input` whose gradients have `shape` `[1, K, H, W]`, K in whole blocks.
    init(_ input: WinogradInput, _ kernels: OneDNNKernels, shape: Shape) {
      (self.kernels, self.input) = (kernels, input)
      let filters = shape.channels
      gradient = WinogradGradient(
        height: shape.height, width: shape.width, filters: filters, block: kernels.block)
      let (tileRows, tileColumns) = ((shape.height + 3) / 4, (shape.width + 3) / 4)
      (self.tileRows, self.tileColumns) = (tileRows, tileColumns)
      // A divisor, because a strip that was moved back would count its tiles twice.
      let most = WinogradStrip.rows(of: tileRows, columns: tileColumns, channels: input.channels + filters)
      let rows = (1...most).last { tileRows % $0 == 0 }!
      stripRows = rows
      let tiles = rows * tileColumns
      let inputStride = WinogradStrip.stride(tiles * input.channels)
      let gradientStride = WinogradStrip.stride(tiles * filters)
      (self.inputStride, self.gradientStride) = (inputStride, gradientStride)
      func products(accumulating: Bool) -> OneDNNPrimitive {
        OneDNNPrimitive(
          terrane_matrix_products(
            kernels.engine, Int64(Winograd.count), Int64(input.channels), Int64(tiles), Int64(filters),
            Int64(inputStride), 1, Int64(gradientStride), Int64(input.channels * filters),
            accumulating ? 1 : 0),
          name: "\(Winograd.count) products of [\(input.channels), \(tiles)] and [\(tiles), \(filters)]",
          threads: 1)
      }
      (first, further) = (products(accumulating: false), products(accumulating: true))
    }

    /// Floats of the sum of products of a thread's images, `[36, C, K]`.
    var sumCount: Int { Winograd.count * input.channels * gradient.filters }

    /// Floats of memory that a run needs besides.
    var scratchCount: Int { Winograd.count * (inputStride + gradientStride) + scratchpadCount }

    private var scratchpadCount: Int {
      (max(first.bytes(of: .scratchpad), further.bytes(of: .scratchpad)) + 3) / 4
    }

    /// Adds one image's part.
    ///
    /// - Parameters:
    ///   - source, gradient: in channel blocks.
    ///   - sum: ``sumCount`` floats; overwritten where `isFirst`.
    ///   - scratch: ``scratchCount`` floats.
    func run(
      _ source: UnsafePointer<Float>, gradient: UnsafePointer<Float>, sum: UnsafeMutablePointer<Float>,
      isFirst: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
      let left = scratch
      let right = left + Winograd.count * inputStride
      let scratchpad = right + Winograd.count * gradientStride
      for row in stride(from: 0, to: tileRows, by: stripRows) {
        let rows = row..<row + stripRows
        input.transform(source, rows: rows, columns: tileColumns, into: left, stride: inputStride)
        self.gradient.transform(
          gradient, rows: rows, columns: tileColumns, into: right, stride: gradientStride)
        kernels.executeBeside(
          isFirst && row == 0 ? first : further,
          [
            (.source, .init(left)), (.weights, .init(right)), (.destination, .init(sum)),
            (.scratchpad, .init(scratchpad)),
          ])
      }
    }
  }
#endif
