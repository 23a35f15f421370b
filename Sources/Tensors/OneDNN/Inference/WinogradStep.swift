#if ONEDNN
  import COneDNN

  /// A convolution through Winograd's domain: strips of tiles are transformed, multiplied by oneDNN and transformed back while
  /// they are in the cache.
  struct WinogradStep: InferenceStep, @unchecked Sendable {
    /// Some of the input channels.
    struct Part {
      let input: WinogradInput
      let source: ArenaPlan.Slot
      /// `[K, C, k, k]`, plain.
      let weight: Tensor
    }

    /// A part with its filters transformed, and the products over a strip.
    private struct PreparedPart {
      let input: WinogradInput
      let source: ArenaPlan.Slot
      let filters: PackedWeight
      let products: OneDNNPrimitive
      /// Floats from one matrix of transformed inputs to the next.
      let stride: Int
    }

    private let kernels: OneDNNKernels
    private let parts: [PreparedPart]
    private let output: WinogradOutput
    private let bias: Tensor
    private let addend: ArenaPlan.Slot?
    private let result, transformed, products: ArenaPlan.Slot
    private let scratchpad: ArenaPlan.Slot?
    private let productStride: Int
    private let tileRows, tileColumns, stripRows: Int

    /// Tiles of a strip at most, unless one row has more: their matrices fit the cache beside the filters, and are tall enough
    /// to make reading the filters worth while.
    private static let tilesOfStrip = 128

    /// Prepares the convolution.
    ///
    /// - Parameters:
    ///   - shape: of the result, in whole blocks.
    ///   - step: outputs of a tile along an axis.
    ///   - scratch: gives a place for as many floats while the step runs.
    init(
      _ parts: [Part], _ kernels: OneDNNKernels, shape: Shape, step: Int, bias: Tensor,
      addend: ArenaPlan.Slot?, relu: Bool, result: ArenaPlan.Slot, scratch: (Int) -> ArenaPlan.Slot
    ) {
      (self.kernels, self.bias, self.addend, self.result) = (kernels, bias, addend, result)
      tileRows = (shape.height + step - 1) / step
      tileColumns = (shape.width + step - 1) / step
      let stripRows = min(tileRows, max(1, Self.tilesOfStrip / tileColumns))
      self.stripRows = stripRows
      let tiles = stripRows * tileColumns
      let filters = shape.channels
      let productStride = Self.stride(tiles * filters)
      self.productStride = productStride
      // Whole tiles first: they fill all products, those of doubled input are added to the first 25.
      let ordered = parts.filter { !$0.input.isDoubled } + parts.filter(\.input.isDoubled)
      self.parts = ordered.enumerated().map { index, part in
        let channels = part.input.channels
        let count = part.input.isDoubled ? Winograd.countOfDoubled : Winograd.count
        let stride = Self.stride(tiles * channels)
        let primitive = OneDNNPrimitive(
          terrane_matrix_products(
            kernels.engine, Int64(count), Int64(tiles), Int64(channels), Int64(filters), Int64(stride),
            Int64(productStride), index == 0 ? 0 : 1),
          name: "\(count) products of [\(tiles), \(channels)] and [\(channels), \(filters)]", threads: 1)
        let weight = PackedWeight(bytes: primitive.bytes(of: .weights)) {
          let matrices = Winograd.filters(part.weight, channels: channels, filters: filters)
          return kernels.pack(matrices.prefix(count), for: primitive)
        }
        return PreparedPart(
          input: part.input, source: part.source, filters: weight, products: primitive, stride: stride)
      }
      output = WinogradOutput(
        height: shape.height, width: shape.width, filters: filters, block: kernels.block, step: step,
        isWhole: !ordered[0].input.isDoubled, relu: relu)
      products = scratch(Winograd.count * productStride)
      transformed = scratch(Winograd.count * self.parts.map(\.stride).max()!)
      let bytes = self.parts.map { $0.products.bytes(of: .scratchpad) }.max()!
      scratchpad = bytes == 0 ? nil : scratch((bytes + 3) / 4)
    }

    /// A cache line more than the matrix: with powers of two all matrices of a tile would fall into the same few cache sets.
    private static func stride(_ count: Int) -> Int { count + 16 }

    var weights: [PackedWeight] { parts.map(\.filters) }

    func run(in frame: InferenceFrame) {
      for first in Swift.stride(from: 0, to: tileRows, by: stripRows) {
        // The last strip is moved back to be as high as the others: what it computes again comes out the same.
        let first = min(first, tileRows - stripRows)
        let rows = first..<first + stripRows
        for part in parts {
          part.input.transform(
            frame[part.source], rows: rows, columns: tileColumns, into: frame[transformed],
            stride: part.stride)
          var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
            (.source, .init(frame[transformed])), (.weights, .init(part.filters.storage)),
            (.destination, .init(frame[products])),
          ]
          if let scratchpad { arguments.append((.scratchpad, .init(frame[scratchpad]))) }
          kernels.executeBeside(part.products, arguments)
        }
        output.transform(
          frame[products], stride: productStride, rows: rows, columns: tileColumns, bias: bias.storage,
          addend: addend.map { UnsafePointer(frame[$0]) }, into: frame[result])
      }
    }
  }

  extension Tensor {
    /// The first matrices of a plain `[n, rows, columns]`.
    fileprivate func prefix(_ count: Int) -> Tensor {
      guard count < shape[0] else { return self }
      let result = Tensor(uninitialized: [count, shape[1], shape[2]])
      result.storage.update(from: storage, count: result.shape.count)
      return result
    }
  }
#endif
