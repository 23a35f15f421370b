extension StageRegistry {
  /// The stages of terrane, in the order of the chain.
  public static let standard = StageRegistry([
    PretrainLoadStage.self, DomainAdaptationStage.self, FineTuneStage.self, ClassifyStage.self,
    EvaluateStage.self,
    InferenceStage.self,
    ChangeDetectionStage.self, GeoTIFFStage.self, DespeckleStage.self, CompositeStage.self,
    SARCorrectionStage.self,
  ])
}
