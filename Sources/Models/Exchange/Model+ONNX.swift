import Checkpoints
import Layers
import Tensors

extension Model {
  /// Writes the network with its weights as an ONNX graph: tensor `input` `[N, C, H, W]`, normalised as the
  /// card says, to `scores` before the softmax, `[N, K, H, W]`, or of a classifier `[N, K, 1, 1]`. The card
  /// is in the metadata, parameters are constants under their paths.
  ///
  /// N is free, and H and W where the graph does not depend on them.
  ///
  /// - Parameter side: the side of the image on which the graph is recorded.
  /// - Returns: whether H and W are free.
  /// - Throws: ``CheckpointError``: `mismatch` for a network with operations that have no form in ONNX here,
  ///   `cannotWrite`.
  public func writeONNX(to path: String, side: Int) throws(CheckpointError) -> Bool {
    let recorder = recorded(side: side)
    // Recorded on a larger image as well: kernels whose zeros depend on the image are others there.
    let other = recorded(side: side + network.description.input.sideMultiple)
    let isFree =
      recorder.recorder.isFree && other.recorder.isFree
      && recorder.recorder.positions == other.recorder.positions
    let unsupported = Set(recorder.recorder.unsupported).sorted()
    guard unsupported.isEmpty else {
      throw CheckpointError(
        .mismatch, path: path,
        "\(card.architecture) with \(card.encoder) is not written as ONNX: it has operations without a form there, "
          + unsupported.joined(separator: ", "))
    }
    recorder.recorder.finish(recorder.scores, isFree: isFree)
    var file = recorder.recorder.file
    file.name = card.architecture + " with " + card.encoder
    file.metadata[ModelCard.metadataKey] = card.json
    try file.write(to: path)
    return isFree
  }

  private func recorded(side: Int) -> (recorder: ONNXRecorder, scores: Tensor) {
    let recorder = ONNXRecorder(network.parameters, inputShape: [1, card.channels.count, side, side])
    let output = network(Value(recorder.input), in: Pass(.inference, kernels: recorder))
    return (recorder, output.scores.tensor)
  }
}
