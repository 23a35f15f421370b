import Foundation
import Learners

/// What scikit-learn makes of drawn samples of four classes; `Golden/learners.py` wrote it.
struct GoldenLearners: Decodable {
  let classes, width: Int
  let values: [Float]
  let labels: [UInt8]
  let probe: [Float]
  let softmax, lda: [Float]
  let nearest: [UInt8]
  let large: [Float]
  let largeLabels: [UInt8]
  let forestLarge, extraTreesLarge: Double

  static let shared: GoldenLearners = {
    guard
      let url = Bundle.module.url(
        forResource: "learners", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data)
    else { preconditionFailure("Golden/learners.json is missing or damaged") }
    return file
  }()

  /// The samples, each on ground of its own.
  var table: FeatureTable {
    var table = FeatureTable(width: width, classCount: classes)
    for (sample, label) in labels.enumerated() {
      table.append(values[sample * width..<(sample + 1) * width], class: label, ground: Int32(sample))
    }
    return table
  }
}

extension Classifier {
  /// Returns the probabilities of rows, `[count, classes]`.
  func probabilities(of rows: [Float]) -> [Float] {
    let count = rows.count / form.features
    return Array(unsafeUninitializedCapacity: count * form.classes) { answers, filled in
      rows.withUnsafeBufferPointer {
        classify($0.baseAddress!, count: count, into: answers.baseAddress!)
      }
      filled = count * form.classes
    }
  }

  /// Returns the likeliest class of each row.
  func classes(of rows: [Float]) -> [UInt8] {
    let all = probabilities(of: rows)
    return stride(from: 0, to: all.count, by: form.classes).map { start in
      let own = all[start..<start + form.classes]
      return UInt8(own.firstIndex(of: own.max()!)! - start)
    }
  }
}
