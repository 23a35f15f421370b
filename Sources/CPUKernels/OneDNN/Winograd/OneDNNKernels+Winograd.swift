import Numerics
import Tensors

#if ONEDNN
  /// Training's convolutions of 3 x 3 through Winograd's domain, one image a thread.
  extension OneDNNKernels {
    /// Returns whether a convolution goes through Winograd's domain: a rule of shapes alone.
    ///
    /// Not on maps of less than 16 x 16, where the matrices of the products, four times the filters, are more
    /// to read than is saved; not with less than two of AVX2's blocks of channels, where the transforms cost
    /// as much as the products spare; not in bf16, whose digits the transforms would spend.
    func suitsWinograd(_ input: Shape, _ weight: Shape, _ kernel: SlidingKernel) -> Bool {
      precision == .fp32 && kernel == SlidingKernel(size: 3, padding: 1) && weight[1] == input.channels
        && min(input.height, input.width) >= 16
        && min(weight[0], weight[1]) >= 16
    }

    private struct WinogradKey: Hashable, Sendable {
      enum Purpose { case convolution, weightGradient }
      let purpose: Purpose
      let image: Shape
      let filters: Int
    }

    /// The form of a weight that Winograd's products take, kept with the weight.
    private struct FilterKey: Hashable {
      let layout: UInt64
      let isAdjoint: Bool
    }

    /// Returns the convolution of `input` by 3 x 3 filters with padding 1, or with the adjoint filters: its
    /// gradient.
    func winogradConvolution(_ input: Tensor, weight: Tensor, isAdjoint: Bool) -> Tensor {
      let input = blocked(input)
      let filters = weight.shape[isAdjoint ? 1 : 0]
      let result = empty([input.shape.batch, filters, input.shape.height, input.shape.width])
      let image: Shape = [1, input.shape.channels, input.shape.height, input.shape.width]
      let whole = wholeBlocks([1, filters, image.height, image.width])
      let convolution: WinogradConvolution = prepared(
        WinogradKey(purpose: .convolution, image: image, filters: filters)
      ) {
        OpenMP.use(1)
        return WinogradConvolution([winogradInput(image)], self, shape: whole, step: 4, relu: false)
      }
      let key = FilterKey(layout: convolution.filterLayout(part: 0), isAdjoint: isAdjoint)
      let packed =
        weight.reordered[key]
        ?? convolution.filters(isAdjoint ? weight.adjointFilters() : weight, part: 0)
      weight.reordered[key] = packed
      let bias = Tensor(repeating: 0, shape: [whole.channels])
      let (from, to) = (layout.storedCount(of: image), layout.storedCount(of: whole))
      parallelLoop(input.shape.batch) { index in
        OpenMP.use(1)
        let scratch = Tensor(uninitialized: [convolution.scratchCount])
        convolution.run(
          [UnsafePointer(input.hostValues + index * from)], filters: [packed.hostValues],
          bias: bias.hostValues,
          addend: nil, result: result.hostValues + index * to, scratch: scratch.hostValues)
      }
      return result
    }

    /// Returns the gradient of 3 x 3 filters, plain `[K, C, 3, 3]`.
    ///
    /// Each thread sums over images of its own: the bytes depend on the number of threads, as all of training
    /// does.
    func winogradWeightGradient(_ gradient: Tensor, input: Tensor, weightShape: Shape) -> Tensor {
      let (gradient, input) = (blocked(gradient), blocked(input))
      let image: Shape = [1, input.shape.channels, input.shape.height, input.shape.width]
      let whole = wholeBlocks([1, weightShape[0], image.height, image.width])
      let prepared: WinogradWeightGradient = prepared(
        WinogradKey(purpose: .weightGradient, image: image, filters: weightShape[0])
      ) {
        OpenMP.use(1)
        return WinogradWeightGradient(winogradInput(image), self, shape: whole)
      }
      let (batch, threads) = (input.shape.batch, min(ComputeThreads.count, input.shape.batch))
      let (from, to) = (layout.storedCount(of: image), layout.storedCount(of: whole))
      let sums = (0..<threads).map { _ in Tensor(uninitialized: [prepared.sumCount]) }
      parallelLoop(threads) { thread in
        OpenMP.use(1)
        let scratch = Tensor(uninitialized: [prepared.scratchCount])
        for index in stride(from: thread, to: batch, by: threads) {
          prepared.run(
            input.hostValues + index * from, gradient: gradient.hostValues + index * to,
            sum: sums[thread].hostValues, isFirst: index == thread, scratch: scratch.hostValues)
        }
      }
      return Winograd.filterGradient(
        sums, shape: weightShape, channels: wholeBlocks(image).channels, filters: whole.channels)
    }

    private func winogradInput(_ image: Shape) -> WinogradInput {
      WinogradInput(
        height: image.height, width: image.width, channels: wholeBlocks(image).channels, block: block,
        step: 4,
        padding: 1, isDoubled: false)
    }
  }

  extension Tensor {
    /// Returns the filters `[C, K, 3, 3]` that carry the gradient of a convolution by `[K, C, 3, 3]` back:
    /// turned by 180 degrees.
    fileprivate func adjointFilters() -> Tensor {
      let (filters, channels, area) = (shape[0], shape[1], shape[2] * shape[3])
      return Tensor(shape: [channels, filters, shape[2], shape[3]]) { result in
        for filter in 0..<filters {
          for channel in 0..<channels {
            let source = hostValues + (filter * channels + channel) * area
            let target = (channel * filters + filter) * area
            for tap in 0..<area { result[target + tap] = source[area - 1 - tap] }
          }
        }
      }
    }
  }
#endif
