/// Finds the key that was meant.
package enum NearestKey {
  /// Returns the word with the fewest edits to `text`, nil where even that is too far to be a slip of the
  /// hand.
  ///
  /// A third of the longer word may differ: `strid` finds `stride`, `lr` finds nothing by distance.
  package static func nearest(to text: String, in words: [String]) -> String? {
    // No key is that long, and counting edits takes the product of both lengths.
    guard text.utf8.count <= 100, words.count <= 500 else { return nil }
    let wanted = normalised(text)
    let scored = words.map { (word: $0, distance: distance(wanted, normalised($0))) }
    guard let best = scored.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }) else { return nil }
    let allowed = max(1, max(wanted.count, best.word.count) / 3)
    return best.distance <= allowed && best.distance < wanted.count ? best.word : nil
  }

  /// Returns a question such as "; did you mean 'sentinel-2-l2a' or 'sentinel-2-l1c'?": the nearest word, or
  /// those that begin with `text`; empty where there is none.
  package static func question(about text: String, in words: [String]) -> String {
    let meant = nearest(to: text, in: words).map { [$0] } ?? beginnings(text, in: words)
    return meant.isEmpty ? "" : question(meaning: meant.joined(separator: "' or '"))
  }

  /// Returns the question whether a word was meant.
  ///
  /// - Parameter remark: what is said of the word.
  package static func question(meaning word: String, _ remark: String = "") -> String {
    "; did you mean '\(word)'\(remark)?"
  }

  /// Returns the words, three at most, of which `text` is a beginning that could be cut off no shorter by
  /// chance.
  private static func beginnings(_ text: String, in words: [String]) -> [String] {
    let plain = normalised(text).filter { $0 != "-" }
    guard plain.count >= 4 else { return [] }
    let found = words.filter { normalised($0).filter { $0 != "-" }.hasPrefix(plain) }
    return found.count <= 3 ? found : []
  }

  /// Returns the key of terrane that other tools call `text`, nil where there is none among `words`.
  static func translation(of text: String, in words: [String]) -> String? {
    guard text.utf8.count <= 100 else { return nil }
    let plain = normalised(text).filter { $0 != "-" }
    if let same = words.first(where: { normalised($0).filter { $0 != "-" } == plain }), same != text {
      return same
    }
    return elsewhere[plain]?.first(where: words.contains)
  }

  private static func normalised(_ text: String) -> String {
    String(text.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
  }

  /// The names of other tools for raster and training settings (without case, hyphens and underscores), each
  /// with what terrane calls the thing; the first that the mapping at hand knows is the answer.
  private static let elsewhere: [String: [String]] = [
    "chipsz": ["size"], "chipsize": ["size"], "tile": ["size", "window"], "tilesize": ["size", "window"],
    "patchsize": ["size", "window"], "patch": ["size", "window"], "cropsize": ["size", "window"],
    "windowsize": ["window", "size"], "blocksize": ["window", "size"], "step": ["stride"],
    "stridesize": ["stride"], "padding": ["overlap"], "buffer": ["overlap"], "batchsize": ["batch"],
    "bs": ["batch"], "lr": ["learning-rate"], "eta": ["learning-rate"], "maxepochs": ["epochs"],
    "numepochs": ["epochs"], "nepochs": ["epochs"], "wd": ["weight-decay"], "l2": ["weight-decay"],
    "backbone": ["encoder"], "model": ["architecture", "weights"], "arch": ["architecture"],
    "checkpoint": ["weights"], "ckpt": ["weights"], "pretrained": ["weights"], "image": ["scene"],
    "raster": ["scene"], "mask": ["labels"], "label": ["labels"], "annotations": ["labels"],
    "attribute": ["field"], "column": ["field"], "channels": ["bands"], "inchannels": ["bands"],
    "randomstate": ["seed"], "randomseed": ["seed"], "numclasses": ["classes"], "labelsmap": ["classes"],
    "satellite": ["sensor"], "input": ["scenes"], "images": ["scenes"], "outdir": ["output"],
    "outputdir": ["output"], "steps": ["stages"], "pipeline": ["stages"], "criterion": ["loss"],
    "lossfunction": ["loss"], "optim": ["optimiser"], "optimizer": ["optimiser"],
    "patience": ["early-stopping"],
    "dtype": ["precision"], "id": ["value"], "code": ["value"], "colour": ["color"], "title": ["name"],
    "t1": ["before"], "t2": ["after"], "pre": ["before"], "post": ["after"],
  ]

  /// Edits (insert, delete, replace, swap of neighbours) between two words: Damerau's distance in its
  /// optimal-alignment form. O(n m) time, three rows of memory.
  package static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for i in 1...left.count {
      var row = [i] + [Int](repeating: 0, count: right.count)
      for j in 1...right.count {
        let replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
        row[j] = min(last[j] + 1, row[j - 1] + 1, replaced)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last) = (last, row)
    }
    return last[right.count]
  }
}
