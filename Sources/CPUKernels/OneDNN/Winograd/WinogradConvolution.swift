import Tensors

#if ONEDNN
  import COneDNN

  /// A convolution of one image through Winograd's domain: strips of tiles are transformed, multiplied by
  /// oneDNN and transformed back while they are in the cache.
  ///
  /// Holds no weights and no memory: several threads may run it at once.
  final class WinogradConvolution: Sendable {
    /// A part of the input channels and its products over a strip.
    private struct Part: @unchecked Sendable {
      let input: WinogradInput
      let products: OneDNNPrimitive
      /// Floats from one matrix of transformed inputs to the next.
      let stride: Int
    }

    private let kernels: OneDNNKernels
    private let parts: [Part]
    private let output: WinogradOutput
    private let productStride: Int
    private let tileRows, tileColumns, stripRows: Int

    /// Prepares the convolution.
    ///
    /// - Parameters:
    ///   - inputs: the parts of the input; those that are doubled come last.
    ///   - shape: `[1, K, H, W]` of the result, K in whole blocks.
    ///   - step: outputs of a tile along an axis.
    ///   - relu: whether negative results become 0.
    init(_ inputs: [WinogradInput], _ kernels: OneDNNKernels, shape: Shape, step: Int, relu: Bool) {
      self.kernels = kernels
      let filters = shape.channels
      (tileRows, tileColumns) = ((shape.height + step - 1) / step, (shape.width + step - 1) / step)
      stripRows = WinogradStrip.rows(
        of: tileRows, columns: tileColumns, channels: inputs.map(\.channels).max()! + filters)
      let tiles = stripRows * tileColumns
      let productStride = WinogradStrip.stride(tiles * filters)
      self.productStride = productStride
      // Whole tiles fill all products, those of doubled input are added to the first 25.
      parts = inputs.enumerated().map { index, input in
        let stride = WinogradStrip.stride(tiles * input.channels)
        let primitive = OneDNNPrimitive(
          terrane_matrix_products(
            kernels.engine, Int64(input.productCount), Int64(tiles), Int64(input.channels), Int64(filters),
            Int64(stride), 0, 0, Int64(productStride), index == 0 ? 0 : 1),
          name: "\(input.productCount) products of [\(tiles), \(input.channels)] and \(filters) filters",
          threads: 1)
        return Part(input: input, products: primitive, stride: stride)
      }
      output = WinogradOutput(
        height: shape.height, width: shape.width, filters: filters, block: kernels.block, step: step,
        isWhole: !inputs[0].isDoubled, relu: relu)
    }

    /// Floats of memory that a run needs.
    var scratchCount: Int { transformedCount + Winograd.count * productStride + scratchpadCount }

    private var transformedCount: Int { parts.map { $0.input.productCount * $0.stride }.max()! }
    private var scratchpadCount: Int { parts.map { ($0.products.bytes(of: .scratchpad) + 3) / 4 }.max()! }

    /// Bytes of a part's filters in the form that a run takes.
    func filterBytes(part: Int) -> Int { parts[part].products.bytes(of: .weights) }

    /// Returns a number that is equal for equal forms of a part's filters.
    func filterLayout(part: Int) -> UInt64 { parts[part].products.layout(of: .weights) }

    /// Returns a part's weight `[K, C, k, k]` in the form that a run takes.
    func filters(_ weight: Tensor, part: Int) -> Tensor {
      let (input, primitive) = (parts[part].input, parts[part].products)
      let matrices = Winograd.filters(
        weight, channels: input.channels, filters: output.filters, count: input.productCount)
      return kernels.pack(matrices, for: primitive)
    }

    /// Convolves one image.
    ///
    /// - Parameters:
    ///   - sources: the parts of the image in channel blocks.
    ///   - filters: what ``filters(_:part:)`` made, a part each.
    ///   - bias: one a filter, in whole blocks.
    ///   - addend: what is added to the result, lying as it does, or nil.
    ///   - result: in channel blocks.
    ///   - scratch: ``scratchCount`` floats.
    func run(
      _ sources: [UnsafePointer<Float>], filters: [UnsafeMutablePointer<Float>], bias: UnsafePointer<Float>,
      addend: UnsafePointer<Float>?, result: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
      let products = scratch
      let transformed = products + Winograd.count * productStride
      let scratchpad = transformed + transformedCount
      for first in Swift.stride(from: 0, to: tileRows, by: stripRows) {
        // The last strip is moved back to be as high as the others: what it computes again comes out the
        // same.
        let first = min(first, tileRows - stripRows)
        let rows = first..<first + stripRows
        for (index, part) in parts.enumerated() {
          part.input.transform(
            sources[index], rows: rows, columns: tileColumns, into: transformed, stride: part.stride)
          kernels.executeBeside(
            part.products,
            [
              (.source, .init(transformed)), (.weights, .init(filters[index])),
              (.destination, .init(products)),
              (.scratchpad, .init(scratchpad)),
            ])
        }
        output.transform(
          products, stride: productStride, rows: rows, columns: tileColumns, bias: bias, addend: addend,
          into: result)
      }
    }
  }
#endif
