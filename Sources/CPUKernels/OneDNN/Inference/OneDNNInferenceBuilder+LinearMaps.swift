import Tensors

#if ONEDNN
  import COneDNN

  /// Linear maps of rows, with bias, addend and activation in one pass.
  extension OneDNNInferenceBuilder {
    mutating func addLinearMap(_ map: JoinedLinearMap, _ shape: Shape, at place: Int) {
      let (outputs, inputs) = (map.weight.shape[0], map.weight.shape[1])
      let rows = shape.count / outputs
      let primitive = OneDNNPrimitive(
        terrane_linear_map(
          kernels.engine, Int64(rows), Int64(inputs), Int64(outputs), map.bias == nil ? 0 : 1,
          map.addend == nil ? 0 : 1, map.activation.oneDNN, kernels.precision == .bf16 ? 1 : 0),
        name: "linear map of [\(rows), \(inputs)] by \(map.weight.shape)", threads: 1)
      let packed = PackedWeight(bytes: primitive.bytes(of: .weights)) { [kernels] in
        kernels.pack(Tensor([outputs, inputs, 1, 1], in: map.weight.storage), for: primitive)
      }
      weights.append(packed)
      var arguments: [OneDNNArgument: OneDNNStep.Place] = [
        .source: .slot(source(of: map, count: rows * inputs, at: place)), .weights: .weight(packed),
      ]
      if let bias = map.bias { arguments[.bias] = .constant(bias) }
      if let addend = map.addend {
        arguments[.addend(0)] = .slot(slot(of: addend, in: .plain, at: place))
      }
      arguments[.destination] = .slot(home(place, .plain))
      steps.append(self.primitive(primitive, arguments, at: place))
    }

    /// Returns the rows that a map reads: in bf16 rounded for it alone, as nothing but products is computed
    /// on rounded numbers.
    private mutating func source(of map: JoinedLinearMap, count: Int, at place: Int) -> ArenaPlan.Slot {
      let rows = slot(of: map.source, in: .plain, at: place)
      guard kernels.precision == .bf16 else { return rows }
      let rounded = arena.slot(bytes: count * Precision.bf16.bytes, during: place...place)
      let rounding = OneDNNPrimitive(
        terrane_prepared_reorder(
          kernels.engine, terrane_tensor([count], block: 0), terrane_tensor([count], block: 0, .bf16)),
        name: "rounding of \(count) numbers", threads: 1)
      steps.append(
        primitive(rounding, [.source: .slot(rows), .destination: .slot(rounded)], at: place))
      return rounded
    }
  }
#endif
