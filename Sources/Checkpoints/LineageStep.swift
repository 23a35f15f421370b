/// One of the steps that made weights: a stage, and its work.
public struct LineageStep: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The name of the stage: `pretrain-load`, `fine-tune`.
  public var stage: String
  /// The object or the manner of the stage's work: `target`; `nil` where its name says all.
  public var detail: String?

  /// Creates a step.
  public init(_ stage: String, _ detail: String? = nil) { (self.stage, self.detail) = (stage, detail) }

  /// Reads the step that a sentence of card 1 tells.
  ///
  /// `fine-tune (target)` is the stage `fine-tune` with the detail `target`. Any other sentence is a stage as
  /// a whole.
  init(sentence: String) {
    if let (_, stage, detail) = sentence.wholeMatch(of: /([^\s()]+) \((.+)\)/)?.output {
      self.init(String(stage), String(detail))
    } else {
      self.init(sentence)
    }
  }

  /// The step as text: `fine-tune (target)`.
  public var description: String { detail.map { "\(stage) (\($0))" } ?? stage }
}
