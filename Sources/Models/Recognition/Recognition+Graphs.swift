import Checkpoints

extension Recognition {
  /// Returns a file under the names of one of the networks where its names are none's, but its graph is that
  /// of the network with normalisations joined with convolutions; every other file as it is.
  ///
  /// - Throws: ``CheckpointError`` `mismatch` that says what the graph is.
  public static func unfolded(
    _ file: WeightsFile, among networks: [Architecture] = Architecture.all
  ) throws(CheckpointError) -> WeightsFile {
    guard file.graph != nil, !candidates(for: file, among: networks).contains(where: \.isExact) else {
      return file
    }
    return try FoldedNetwork(file, among: networks)?.file ?? file
  }
}
