import Layers
import Tensors

/// A depthwise convolution between a 1 x 1 one that widens and a 1 x 1 one that narrows, beside a shortcut
/// where the shape stays.
///
/// - Source: Sandler et al. 2018, arXiv:1801.04381; with squeeze and excitation as in Howard et al. 2019,
///   arXiv:1905.02244.
struct InvertedResidual {
  /// Extents and functions of a block.
  struct Options {
    /// Channels in, in the middle and out; nothing widens where the first two are equal.
    var inputs, expanded, outputs: Int
    /// The depthwise kernel.
    var kernel: SlidingKernel
    /// The padding of images for the kernel.
    var padding: ImagePadding
    /// The activation after every convolution but the last.
    var activation: Activation
    /// Channel attention after the depthwise convolution.
    var squeeze: SqueezeExcitation.Options?
    /// The constants of the normalisations.
    var constants: NormalizationConstants
    /// The noise of training that drops the convolutions beside a shortcut.
    var depth: StochasticDepth
  }

  private let expansion: NormalizedConvolution?
  private let depthwise: NormalizedConvolution
  private let squeeze: SqueezeExcitation?
  private let projection: NormalizedConvolution
  /// The noise of training that drops the convolutions beside a shortcut; nil without one.
  private let depth: StochasticDepth?

  /// Makes its parameters where `naming` puts them in `scope`.
  init(_ options: Options, naming: Naming, in scope: ParameterScope) {
    let widens = options.expanded != options.inputs
    let places = naming.places(widens: widens, squeezes: options.squeeze != nil, in: scope)
    func pointwise(_ inputs: Int, _ outputs: Int, _ activation: Activation?, _ place: Naming.Place)
      -> NormalizedConvolution
    {
      NormalizedConvolution(
        .init(inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1)), activation: activation,
        constants: options.constants, convolution: place.convolution, norm: place.norm)
    }
    expansion =
      widens ? pointwise(options.inputs, options.expanded, options.activation, places.expansion) : nil
    depthwise = NormalizedConvolution(
      .init(
        inputs: options.expanded, outputs: options.expanded, kernel: options.kernel, groups: options.expanded),
      padding: options.padding, activation: options.activation, constants: options.constants,
      convolution: places.depthwise.convolution, norm: places.depthwise.norm)
    squeeze = options.squeeze.map {
      SqueezeExcitation($0, channels: options.expanded, reduce: places.reduce, expand: places.expand)
    }
    projection = pointwise(options.expanded, options.outputs, nil, places.projection)
    let keepsShape = options.kernel.rows.stride == 1 && options.inputs == options.outputs
    depth = keepsShape ? options.depth : nil
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    var value = expansion.map { $0(input, in: pass) } ?? input
    value = depthwise(value, in: pass)
    value = squeeze.map { $0(value, in: pass) } ?? value
    value = projection(value, in: pass)
    return depth.map { pass.tape.sum($0(value, in: pass), input) } ?? value
  }
}

extension InvertedResidual {
  /// The publishers' names for the parts of a block.
  enum Naming {
    /// torchvision's MobileNetV2: `conv.0.0` ... `conv.3`, the last two not nested.
    case torchvisionFirst
    /// torchvision's later networks: `block.<part>.<0 or 1>`, parts that are missing not counted.
    case torchvision
    /// timm: `conv_pw`, `conv_dw`, `conv_pwl`, and `bn1` ... `bn3`; without widening the last convolution is
    /// `conv_pw`.
    case timm
    /// segmentation_models_pytorch's EfficientNets: `_expand_conv`, `_bn0` ...
    case smp

    struct Place {
      let convolution, norm: ParameterScope
    }

    struct Places {
      let expansion, depthwise, projection: Place
      let reduce, expand: ParameterScope
    }

    func places(widens: Bool, squeezes: Bool, in scope: ParameterScope) -> Places {
      func named(_ convolution: String, _ norm: String) -> Place {
        Place(convolution: scope.child(convolution), norm: scope.child(norm))
      }
      let middle = widens ? 1 : 0
      switch self {
      case .torchvisionFirst:
        let conv = scope.child("conv")
        func nested(_ part: Int) -> Place {
          Place(convolution: conv.child("\(part)").child("0"), norm: conv.child("\(part)").child("1"))
        }
        return Places(
          expansion: nested(0), depthwise: nested(middle),
          projection: Place(convolution: conv.child("\(middle + 1)"), norm: conv.child("\(middle + 2)")),
          reduce: conv, expand: conv)  // never squeezes
      case .torchvision:
        let block = scope.child("block")
        func nested(_ part: Int) -> Place {
          Place(convolution: block.child("\(part)").child("0"), norm: block.child("\(part)").child("1"))
        }
        let squeeze = block.child("\(middle + 1)")
        return Places(
          expansion: nested(0), depthwise: nested(middle), projection: nested(middle + (squeezes ? 2 : 1)),
          reduce: squeeze.child("fc1"), expand: squeeze.child("fc2"))
      case .timm:
        let squeeze = scope.child("se")
        return Places(
          expansion: named("conv_pw", "bn1"), depthwise: named("conv_dw", "bn\(middle + 1)"),
          projection: named(widens ? "conv_pwl" : "conv_pw", "bn\(middle + 2)"),
          reduce: squeeze.child("conv_reduce"), expand: squeeze.child("conv_expand"))
      case .smp:
        return Places(
          expansion: named("_expand_conv", "_bn0"), depthwise: named("_depthwise_conv", "_bn1"),
          projection: named("_project_conv", "_bn2"), reduce: scope.child("_se_reduce"),
          expand: scope.child("_se_expand"))
      }
    }
  }
}
