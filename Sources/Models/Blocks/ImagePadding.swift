import Layers
import Tensors

/// The rule that decides how many zeros surround an image.
enum ImagePadding: CustomStringConvertible {
  /// The kernel does, the same for every image.
  case ofKernel
  /// TensorFlow's `SAME`: as many as make ceil(extent / stride) positions of this very image, the odd one
  /// after it.
  case same
  /// TensorFlow's `SAME` for an image of a nominal extent, then kept for all others:
  /// segmentation_models_pytorch's EfficientNets.
  case sameAt(Int)

  var description: String {
    switch self {
    case .ofKernel: "symmetric padding"
    case .same: "TensorFlow's padding"
    case .sameAt(let extent): "TensorFlow's padding of \(extent) pixels"
    }
  }
}

extension SlidingKernel.Axis {
  /// Returns the axis with max((ceil(extent / s) - 1) s + reach - extent, 0) zeros, the odd one after the
  /// image.
  func padded(forExtent extent: Int) -> Self {
    let positions = (extent + stride - 1) / stride
    let total = max((positions - 1) * stride + reach - extent, 0)
    return Self(size: size, stride: stride, before: total / 2, after: total - total / 2, dilation: dilation)
  }
}

extension SlidingKernel {
  /// Returns the kernel with the zeros that `SAME` adds to a square image.
  func padded(forExtent extent: Int) -> Self {
    Self(rows: rows.padded(forExtent: extent), columns: columns.padded(forExtent: extent))
  }

  /// The kernel without zeros around the image.
  var unpadded: Self {
    func unpadded(_ axis: Axis) -> Axis {
      Axis(size: axis.size, stride: axis.stride, dilation: axis.dilation)
    }
    return Self(rows: unpadded(rows), columns: unpadded(columns))
  }

  /// Returns a square kernel of odd size that keeps the extents at a stride of 1, dilated or not.
  static func centered(size: Int, stride: Int = 1, dilation: Int = 1) -> Self {
    Self(size: size, stride: stride, padding: size / 2 * dilation, dilation: dilation)
  }
}

extension Convolution {
  /// Convolves an image with the padding asked for; one that is padded by its kernel has its zeros already.
  func callAsFunction(_ input: Value, paddedBy padding: ImagePadding, in pass: Pass) -> Value {
    guard case .same = padding else { return self(input, in: pass) }
    let shape = input.tensor.shape
    let kernel = SlidingKernel(
      rows: kernel.rows.padded(forExtent: shape.height),
      columns: kernel.columns.padded(forExtent: shape.width))
    return self(input, kernel: kernel, in: pass)
  }
}
