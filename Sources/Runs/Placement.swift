/// The place of a job's files below the output directory.
public enum Placement: String, Sendable, Hashable, Codable, CaseIterable {
  /// `models/<first 16 digits of the key>/`: kept for good.
  case models
  /// `cache/<subject>/<first 16 digits of the key>/`: removed once the same job has published under a newer
  /// key, or once no run has planned it for as long as ``Pruning`` keeps it.
  case cache
  /// `products/<subject>/`: files of a newer key replace those of the older. What is about all of them has no
  /// subject, and lies in `products` itself.
  case products
  /// `reports/<subject>/`: likewise.
  case reports

  /// Returns the directory, relative to the output directory, of a job about `subject` with `key`.
  package func directory(subject: String, key: String) -> String {
    switch self {
    case .models: "models/\(key.prefix(16))"
    case .cache: "cache/\(subject)/\(key.prefix(16))"
    case .products: subject.isEmpty ? "products" : "products/\(subject)"
    case .reports: "reports/\(subject)"
    }
  }

  /// Whether each key has a directory of its own, so that keys never overwrite each other's files.
  var isKeyed: Bool { self == .models || self == .cache }
}
