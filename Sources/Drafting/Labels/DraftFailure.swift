import Host
import Runs

/// The reason why no pipeline file can be drafted from a scene and its labels; each says what is to be given.
public enum DraftFailure: ExitCoded, Hashable {
  /// There is no scene at the path.
  case noScene(String)
  /// The labels lie on none of the scenes: their file, and how many scenes there are.
  case apart(labels: String, scenes: Int)
  /// No field of the vector file can be told to hold the classes; the fields, a line each.
  case noField(String, fields: [String])
  /// There is no such field; the fields, a line each.
  case unknownField(String, in: String, fields: [String])
  /// `--field` was given with a raster.
  case fieldOfRaster(String)
  /// The labels tell fewer than two classes apart; what they hold.
  case tooFewClasses(String, found: String)
  /// The labels hold more values than a map can.
  case tooManyClasses(String, count: Int)

  /// One sentence, and below it the fields where they are asked for.
  public var description: String {
    switch self {
    case .noScene(let path): "\(path): no scene that is known in the directory"
    case .apart(let labels, 1): "\(labels): no label lies on the scene"
    case .apart(let labels, let scenes): "\(labels): no label lies on any of the \(scenes) scenes"
    case .noField(let path, let fields):
      "\(path): say with --field which field holds the class: \(fields.joined(separator: "; "))"
    case .unknownField(let field, let path, let fields):
      "\(path): there is no field '\(field)': \(fields.joined(separator: "; "))"
    case .fieldOfRaster(let path): "\(path): --field is of vectors; this is a raster of class values"
    case .tooFewClasses(let path, let found):
      "\(path): a map needs two classes at least; the labels hold \(found)"
    case .tooManyClasses(let path, let count):
      "\(path): \(count) different values: no class values, or more than the 254 that a map of bytes holds"
    }
  }

  /// 64 where an option is missing or wrong, 66 where there is nothing, else 65.
  public var exitCode: ExitCode {
    switch self {
    case .noScene: .noInput
    case .noField, .unknownField, .fieldOfRaster: .usage
    case .apart, .tooFewClasses, .tooManyClasses: .badData
    }
  }
}
