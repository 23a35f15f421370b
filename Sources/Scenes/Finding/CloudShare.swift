extension SceneSource {
  /// The share of clouds that the product states of itself, from 0 to 1; nil where it states none.
  package var statedCloudShare: Double? {
    let pattern = /(?:<Cloud_Coverage_Assessment>|\n\s*CLOUD_COVER\s*=\s*)(\d+(?:\.\d+)?)/.asciiOnlyDigits()
    return metadata?.text?.firstMatch(of: pattern).flatMap { Double($0.1) }.map { $0 / 100 }
  }
}
