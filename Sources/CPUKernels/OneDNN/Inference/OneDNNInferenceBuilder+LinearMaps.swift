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
          map.addend == nil ? 0 : 1, map.activation.oneDNN),
        name: "linear map of [\(rows), \(inputs)] by \(map.weight.shape)", threads: 1)
      let packed = PackedWeight(bytes: primitive.bytes(of: .weights)) { [kernels] in
        kernels.pack(Tensor([outputs, inputs, 1, 1], in: map.weight.storage), for: primitive)
      }
      weights.append(packed)
      var arguments: [OneDNNArgument: OneDNNStep.Place] = [
        .source: .slot(slot(of: map.source, in: .plain, at: place)), .weights: .weight(packed),
      ]
      if let bias = map.bias { arguments[.bias] = .constant(bias) }
      if let addend = map.addend {
        arguments[.addend(0)] = .slot(slot(of: addend, in: .plain, at: place))
      }
      arguments[.destination] = .slot(home(place, .plain))
      steps.append(self.primitive(primitive, arguments, at: place))
    }
  }
#endif
