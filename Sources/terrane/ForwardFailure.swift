import Runs
import Tensors

/// The reason why `terrane forward` computes nothing.
enum ForwardFailure: ExitCoded, Hashable {
  /// There is no architecture of this name; what there is.
  case noArchitecture(String, known: [String])
  /// The architecture has no part of this name; those that it has.
  case noActivation(String, architecture: String, known: [String])
  /// The file holds weights of another architecture.
  case otherWeights(String, architecture: String)
  /// The tensor in a file has not the shape that the network takes.
  case wrongInput(String, Shape, bands: Int)
  /// The weights make filters from wavelengths, and the file of the input has none above 0.
  case noWavelengths(String)

  var description: String {
    switch self {
    case .noArchitecture(let name, let known):
      "there is no architecture \(name); there are: \(known.joined(separator: ", "))"
    case .noActivation(let name, let architecture, let known):
      "--activation \(name): \(architecture) has \(known.joined(separator: ", "))"
    case .otherWeights(let path, let architecture):
      "\(path): these are not weights of \(architecture); 'terrane inspect' says what they may be"
    case .wrongInput(let path, let shape, let bands):
      "\(path): tensor 'input' is \(shape), the network wants [N, \(bands), H, W]"
    case .noWavelengths(let path):
      "\(path): these weights make filters from wavelengths: a tensor 'wavelengths' [C] has one a band, in nanometres"
    }
  }

  var exitCode: ExitCode {
    switch self {
    case .noArchitecture, .noActivation: .usage
    case .otherWeights, .wrongInput, .noWavelengths: .badData
    }
  }
}
