import Checkpoints
import Host
import Runs

/// A name that no published weights have.
struct UnknownWeights: Error, Equatable, ExitCoded {
  let name: String

  var description: String {
    let likely = PublishedCard.names(like: name)
    return "there are no published weights '\(name.visibleLine)'"
      + (likely.isEmpty ? "; 'terrane weights' lists them" : "; there are \(likely.joined(separator: ", "))")
  }
  var exitCode: ExitCode { .usage }
}

/// Published weights of which terrane knows the preparation and no place.
struct UnknownPlace: Error, Equatable, ExitCoded {
  let name: String
  let source: String

  var description: String { "terrane knows no place of the file of '\(name)'; its publisher is \(source)" }
  var exitCode: ExitCode { .usage }
}
