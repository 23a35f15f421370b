import Chips
import Tensors
import Transfer

extension TrainingRecipe {
  /// Reads the settings that all training stages share.
  init(_ settings: SettingsReader, epochs: Int, strategy: TrainingStrategy) {
    self.init()
    self.strategy = settings.choice(
      "strategy", of: TrainingStrategy.self, default: strategy, "which parts train")
    self.epochs = settings.int("epochs", default: epochs, in: 1...100_000, "passes over the training chips")
    headEpochs = settings.int(
      "head-epochs", default: headEpochs, in: 0...100_000, "passes with the head alone, before the others")
    batch = settings.int("batch", default: batch, in: 1...1024, "chips that are computed at once")
    accumulation = settings.int(
      "accumulate", default: accumulation, in: 1...1024, "batches whose gradients make one step")
    gradientNorm = settings.optionalDouble(
      "clip-norm", in: 1e-6...1e6, "the norm that all gradients together are held to")
    learningRate = settings.double(
      "learning-rate", default: learningRate, in: 1e-9...10, "the rate of decoder and head at its height")
    encoderRate = settings.double(
      "encoder-rate", default: encoderRate, in: 0...10, "the encoder's rate as a share of it")
    weightDecay = settings.double(
      "weight-decay", default: weightDecay, in: 0...1, "decay of convolution weights")
    optimizer = settings.choice("optimizer", of: OptimizerName.self, default: optimizer, "what steps")
    schedule = settings.choice("schedule", of: ScheduleName.self, default: schedule, "how the rate goes down")
    warmUp = settings.double(
      "warm-up", default: warmUp, in: 0...0.9, "the share of steps in which the rate climbs")
    losses = settings.choices(
      "loss", of: LossName.self, default: losses, "what is minimised: the sum of these")
    if losses.isEmpty { settings.problem("loss", "'loss' is empty; name at least one") }
    classWeighting = settings.choice(
      "class-weights", of: ClassWeighting.self, default: classWeighting,
      "how much a class counts in cross-entropy")
    precision = settings.choice(
      "precision", of: Precision.self, default: precision,
      "the arithmetic of training; bf16 where the CPU has it, on weights of fp32")
    frozen = settings.strings(
      "freeze", default: [], "stages that never train: stem, layer1 ... layer4, decoder")
    augmentation = settings.mapping("augmentation", "how chips are varied", read: Augmentation.init)
    let stages = ["stem", "layer1", "layer2", "layer3", "layer4", "decoder"]
    for name in frozen where !stages.contains(name) {
      settings.problem("freeze", "there is no stage '\(name)'; there are \(stages.joined(separator: ", "))")
    }
  }
}
