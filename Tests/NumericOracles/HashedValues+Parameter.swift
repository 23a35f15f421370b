import Tensors

extension HashedValues {
  /// Returns the value of a parameter by its path and shape: `weight` of `write_golden.py`.
  ///
  /// Filters have Kaiming's bound, linear maps keep the variance, normalisations are off their usual start;
  /// gates do not saturate, or rounding would switch whole channels.
  public static func parameter(_ path: String, _ shape: Shape) -> Tensor {
    let (values, name) = (HashedValues(path), path.split(separator: ".").last!)
    func isOne(of names: String...) -> Bool { names.contains { name.hasSuffix($0) } }
    if isOne(of: "running_mean", "bias") { return values.tensor(shape, scale: 0.2) }
    if isOne(of: "running_var") { return values.tensor(shape, scale: 0.4, offset: 1) }
    if isOne(of: "logit_scale") { return values.tensor(shape, scale: 0.5, offset: 2.3) }
    if isOne(of: "gamma", "layer_scale") { return values.tensor(shape, scale: 0.1, offset: 0.3) }
    if isOne(of: "token", "pos_embed", "pos_embedding", "bias_table") {
      return values.tensor(shape, scale: 0.5)
    }
    let fanIn = Double(shape.count / max(1, shape.extents.first ?? 1))
    let isGate = path.contains(".se.") || path.contains("_se_")
    if shape.rank > 1 && (isGate || (path.contains(".block.") && path.contains(".fc"))) {
      return values.tensor(shape, scale: 0.3 / fanIn.squareRoot())
    }
    switch shape.rank {
    case 0, 1: return values.tensor(shape, scale: 0.3, offset: 1)
    case 2: return values.tensor(shape, scale: (3 / fanIn).squareRoot())
    default: return values.tensor(shape, scale: (6 / fanIn).squareRoot())
    }
  }
}
