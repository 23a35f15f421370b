import Foundation

/// An index of the files of each module that name types which other files of it declare.
///
/// By name and not by meaning: a type counts where it stands at the top of exactly one file of the module.
struct SourceIndex {
  /// The files of all modules.
  let files: [SourceFile]
  /// For each file, the files of its own module whose types it names, with one such type.
  let uses: [[(file: Int, type: String)]]

  /// Looks into all files.
  init(_ files: [SourceFile]) {
    self.files = files
    let declarations = files.map(Self.declaredTypes)
    var owner: [String: [String: Int]] = [:]
    var shared: Set<String> = []
    for (index, file) in files.enumerated() {
      for type in declarations[index]
      where owner[file.module, default: [:]].updateValue(index, forKey: type) != nil {
        shared.insert(file.module + "." + type)
      }
    }
    uses = files.enumerated().map { index, file in
      let own = owner[file.module] ?? [:]
      let words = Set(file.code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
      let nested = Self.nestedTypes(of: file)
      var found: [Int: String] = [:]
      for word in words.sorted() {
        guard let other = own[word], other != index, found[other] == nil, !nested.contains(word),
          !shared.contains(file.module + "." + word)
        else { continue }
        found[other] = word
      }
      return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
  }

  private static let keywords: Set<Substring> = ["struct", "class", "enum", "protocol", "actor", "typealias"]

  /// Returns the types at the top of a file that other files can see.
  private static func declaredTypes(of file: SourceFile) -> [String] {
    types(in: file) { $0.first.map { !$0.isWhitespace } ?? false }
  }

  private static func nestedTypes(of file: SourceFile) -> Set<String> {
    Set(types(in: file) { $0.first?.isWhitespace ?? false })
  }

  private static func types(in file: SourceFile, where isWanted: (Substring) -> Bool) -> [String] {
    file.code.split(separator: "\n").filter(isWanted).compactMap { line in
      let words = line.split { " \t:<{(,".contains($0) }
      guard let place = words.firstIndex(where: keywords.contains), place + 1 < words.count,
        words[..<place].allSatisfy({ $0.first == "@" || $0.allSatisfy(\.isLowercase) }),
        !words[..<place].contains("private"), !words[..<place].contains("fileprivate")
      else { return nil }
      return String(words[place + 1])
    }
  }
}
