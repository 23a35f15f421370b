import Transfer

/// Counts that come in part by part, for each model of a chain and for the one from scratch.
struct ScoreBoard {
  /// Whose counts they are.
  enum Role: Hashable {
    case stage(Int)
    case scratch
  }

  private var matrices: [Role: ConfusionMatrix] = [:]

  mutating func add(_ matrix: ConfusionMatrix, to role: Role) {
    if matrices[role]?.add(matrix) == nil { matrices[role] = matrix }
  }

  /// The scores in the order of the chain, the one from scratch last. Where two stages call their results the same, the
  /// later one has a number.
  func scores(of stages: [any ModelStage]) -> [EvaluationReport.Score] {
    var scores: [EvaluationReport.Score] = []
    var uses: [String: Int] = [:]
    for (index, stage) in stages.enumerated() {
      guard let matrix = matrices[.stage(index)] else { continue }
      let name = stage.resultName
      uses[name, default: 0] += 1
      let number = uses[name, default: 1]
      scores.append(.init(name: number == 1 ? name : "\(name) (\(number))", matrix: matrix))
    }
    if let matrix = matrices[.scratch] {
      scores.append(.init(name: EvaluationReport.fromScratch, matrix: matrix))
    }
    return scores
  }
}
