extension EvaluatedChain {
  /// The trials of the evaluation.
  var trials: TrialPlan {
    TrialPlan(file: file, context: context, design: design, stages: stages, mapping: mapping)
  }
}
