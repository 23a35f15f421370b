extension Error {
  /// The problem that a decoder found, in a few words: the key, and what is the matter with it.
  public var decodingProblem: String {
    func key(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      return path.isEmpty ? "it" : "'\(path.joined(separator: ".").shortened(to: 200))'"
    }
    switch self as? DecodingError {
    case .keyNotFound(let missing, let context):
      let place = context.codingPath.isEmpty ? "" : " in \(key(context))"
      return "'\(missing.stringValue)' is missing\(place)"
    case .typeMismatch(let type, let context): return "\(key(context)) is no \(type)"
    case .valueNotFound(let type, let context): return "\(key(context)) is null where \(type) is wanted"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is not JSON" : "\(key(context)): \(context.debugDescription)"
    default: return "\(self)"
    }
  }
}
