extension Architecture {
  /// The paths of the tensors that have an entry for each class, as its first publisher calls them: those of
  /// the last linear map or convolution. With other classes they are others, whatever stands before them.
  package var classTensors: Set<String> {
    let probe = Blueprint.probe
    return Set(
      Blueprint(self, NetworkOptions(bands: probe.bands, classes: probe.classes, scheme: schemes[0])).head)
  }
}
