/// The names of published tensors without what training put around them.
///
/// Wrappers put a word before every name, or before those of a part (`module.`: DataParallel; `_orig_mod.`:
/// torch.compile; `model.`: Lightning); averaging adds a counter; momentum contrast keeps a network twice;
/// older versions of torchvision named some layers otherwise.
struct PublishedNames {
  /// The new names in the order of the old ones; nil for tensors that are left out.
  private(set) var names: [String?]
  /// The changes that were made, in sentences.
  private(set) var notes: [String] = []
  /// Names that stood beside a prefix that was taken off the others: those of a loss, of metrics.
  private(set) var beside: Set<String> = []

  /// Applies the rules in this order: words of wrappers, counters, prefixes, one branch of momentum contrast,
  /// prefixes within it, older names.
  init(_ names: [String]) {
    self.names = names
    takeOutWrappers()
    for counter in Self.counters {
      let count = leaveOut { $0 == counter || $0.hasSuffix("." + counter) }
      if count > 0 { notes.append("left out the counter '\(counter)'") }
    }
    stripPrefixes()
    if keepOneBranch() { stripPrefixes() }
    migrate()
  }

  private mutating func leaveOut(_ isUnwanted: (String) -> Bool) -> Int {
    var count = 0
    for index in names.indices {
      guard let name = names[index], isUnwanted(name) else { continue }
      names[index] = nil
      count += 1
    }
    return count
  }

  /// Changes names and counts those that changed.
  private mutating func rename(_ change: (String) -> String) -> Int {
    var count = 0
    for index in names.indices {
      guard let name = names[index] else { continue }
      let changed = change(name)
      guard changed != name else { continue }
      names[index] = changed
      count += 1
    }
    return count
  }

  private mutating func strip(_ prefix: String) -> Int {
    rename { $0.hasPrefix(prefix) && $0 != prefix ? String($0.dropFirst(prefix.count)) : $0 }
  }

  // MARK: Rules

  /// The last words of names that are counters: of passes, by averaging, and of operations and parameters,
  /// which thop leaves in every module where it has counted them.
  private static let counters = ["n_averaged", "total_ops", "total_params"]

  /// Takes off the words that most names begin with, again and again; the others keep their names.
  private mutating func stripPrefixes() {
    while let prefix = ["module.", "_orig_mod.", "model."].first(where: isCommon) {
      for name in names.compactMap(\.self) where !name.hasPrefix(prefix) { beside.insert(name) }
      notes.append("took '\(prefix)' off \(Self.tensors(strip(prefix)))")
    }
  }

  /// The words that wrappers of PyTorch put into the name of a module, wherever it stands.
  private static let wrappers: Set<Substring> = [
    "_orig_mod", "_checkpoint_wrapped_module", "_fsdp_wrapped_module", "_forward_module", "module",
  ]

  /// Takes wrappers' words out of names; two that commonly stand before all others are prefixes there. Words
  /// that tell two names apart stay.
  private mutating func takeOutWrappers() {
    var taken: Set<String> = []
    let changed = names.map { name in
      name.map { name in
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let prefix = parts.prefix { ["module", "_orig_mod"].contains($0) }
        let inner = parts.dropFirst(prefix.count)
        taken.formUnion(inner.filter(Self.wrappers.contains).map(String.init))
        return (prefix + inner.filter { !Self.wrappers.contains($0) }).joined(separator: ".")
      }
    }
    guard !taken.isEmpty, Set(changed).count == names.count else { return }
    let count = zip(names, changed).count { $0 != $1 }
    names = changed
    notes.append(
      "took \(taken.sorted().map { "'\($0).'" }.joined(separator: ", ")) out of \(Self.tensors(count))")
  }

  private func isCommon(_ prefix: String) -> Bool {
    let kept = names.compactMap(\.self)
    return kept.count { $0.hasPrefix(prefix) && $0 != prefix } * 2 > kept.count
  }

  /// Keeps one of the two networks that momentum contrast trains, the one that gradients train.
  private mutating func keepOneBranch() -> Bool {
    let branches = ["encoder_q.", "base_encoder."]
    guard let branch = branches.first(where: { branch in names.contains { $0?.hasPrefix(branch) ?? false } })
    else { return false }
    notes.append("kept the branch '\(branch)': took it off \(Self.tensors(strip(branch)))")
    for other in ["encoder_k.", "momentum_encoder.", "queue", "predictor."] {
      let count = leaveOut { $0.hasPrefix(other) }
      if count > 0 { notes.append("left out the branch '\(other)': \(Self.tensors(count))") }
    }
    return true
  }

  private mutating func migrate() {
    let parts = flatParts
    let flat = rename { Self.migratedFlatName($0, besides: parts) }
    if flat > 0 {
      notes.append("gave \(Self.tensors(flat)) of timm's 'features_only' the names of the whole network")
    }
    let dense = rename(Self.migratedDenseLayer)
    if dense > 0 { notes.append("gave \(Self.tensors(dense)) of an older DenseNet the names of today") }
    let transformer = rename(Self.migratedTransformer)
    if transformer > 0 {
      notes.append("gave \(Self.tensors(transformer)) of an older vision transformer the names of today")
    }
  }

  /// Returns a name as torchvision 0.3 changed it: `denselayer1.norm.2.weight` became
  /// `denselayer1.norm2.weight`.
  private static func migratedDenseLayer(_ name: String) -> String {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let layer = parts.firstIndex(where: { $0.hasPrefix("denselayer") }), layer + 2 < parts.count,
      ["norm", "conv"].contains(parts[layer + 1]), ["1", "2"].contains(parts[layer + 2])
    else { return name }
    parts[layer + 1] += parts.remove(at: layer + 2)
    return parts.joined(separator: ".")
  }

  private static let numberedParts: Set<Substring> = ["stem", "stages", "layers"]

  /// The places where names have a word that `features_only` would have joined with the next:
  /// `encoder.features`.
  private var flatParts: Set<String> {
    var found: Set<String> = []
    for name in names.compactMap(\.self) {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      for place in parts.indices.dropLast()
      where parts[place] == "features" || Self.numberedParts.contains(parts[place]) {
        found.insert(parts[...place].joined(separator: "."))
      }
    }
    return found
  }

  /// Returns a name without the underscore by which timm's `features_only` joins the first two words of some
  /// networks: `stages_0.blocks.0` for `stages.0.blocks.0`.
  ///
  /// - Parameter besides: the places where names of the file have the first of these words by itself: there
  ///   the network is whole, and `features_head` is a head.
  private static func migratedFlatName(_ name: String, besides whole: Set<String>) -> String {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    for (place, part) in parts.enumerated() {
      guard let line = part.firstIndex(of: "_") else { continue }
      let (first, rest) = (part[..<line], part[part.index(after: line)...])
      let isNumber = !rest.isEmpty && rest.allSatisfy(\.isNumber)
      guard isNumber && numberedParts.contains(first) || first == "features" && !rest.isEmpty,
        !whole.contains((parts[..<place] + [first]).joined(separator: "."))
      else { continue }
      parts[place] = first
      parts.insert(rest, at: place + 1)
      return parts.joined(separator: ".")
    }
    return name
  }

  /// Returns a name as torchvision 0.13 changed it: `mlp.linear_1` and `mlp.linear_2` became places of a
  /// sequence.
  private static func migratedTransformer(_ name: String) -> String {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let place = parts.indices.dropFirst().first(where: { parts[$0 - 1] == "mlp" }) else { return name }
    switch parts[place] {
    case "linear_1": parts[place] = "0"
    case "linear_2": parts[place] = "3"
    default: return name
    }
    return parts.joined(separator: ".")
  }

  /// Returns a count of tensors in words: `1 tensor`, `12 tensors`.
  static func tensors(_ count: Int) -> String { count == 1 ? "1 tensor" : "\(count) tensors" }
}
