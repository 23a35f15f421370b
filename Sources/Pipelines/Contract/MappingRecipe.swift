import Foundation
import Mapping
import Models
import Rasters
import Runs
import Settings
import Tasks
import Tensors

/// A recipe of mapping scenes: read from the settings of `inference`, and used by whatever maps a scene or
/// scores maps.
package struct MappingRecipe: Sendable {
  private let window: Int
  private let overlap: Length
  private let blend: Blend
  /// Bytes that the process may take at its peak.
  let memory: Int
  private let precision: Precision
  private let seesMirrored: Bool
  /// The settings of overlapping windows that the file writes.
  private let written: [String]
  /// The whole recipe, as it counts in keys.
  let canonical: JSONValue

  init(_ settings: SettingsReader) {
    window = settings.int(
      "window", default: 512, in: 32...8192, "the side of a window in pixels at most, a multiple of 32")
    overlap = settings.length(
      "overlap", default: .pixels(64), "what neighbouring windows share: pixels, or 640m")
    blend = settings.choice("blend", of: Blend.self, default: .hann, "how shared pixels are weighed")
    precision = settings.choice(
      "precision", of: Precision.self, default: .fp32,
      "the arithmetic of the network; bf16 where the CPU has it")
    seesMirrored = settings.bool(
      "test-time-augmentation", default: false,
      "whether each window is seen mirrored either way and both ways as well, and probabilities are averaged: four times the time"
    )
    memory = settings.bytes("memory", default: 2 << 30, "what the process may take at its peak")
    written = ["window", "overlap", "blend"].filter(settings.has)
    canonical = settings.canonical
    if window % 32 != 0 {
      settings.problem("window", "'window' must be a multiple of 32")
    }
    if case .pixels(let count) = overlap, count >= window {
      settings.problem("overlap", "an overlap of \(count) leaves nothing of a window of \(window)")
    }
  }

  /// The recipe of a file that has no `inference`.
  static var standard: MappingRecipe {
    let session = ReadingSession(file: "", directory: URL(fileURLWithPath: "/"), isDescribing: true)
    return MappingRecipe(SettingsReader(nil, name: "inference", origin: nil, session: session))
  }

  /// The arithmetic that this machine maps in.
  var arithmetic: Arithmetic { Arithmetic(precision) }

  /// Returns the slide of a task on a grid; an overlap in metres becomes pixels here. A window that has one
  /// answer has the side of a chip, as the model has learned it.
  ///
  /// - Parameters:
  ///   - subject: who slides over what, for messages.
  ///   - needed: what the slide may take where that is more than the recipe's memory.
  /// - Throws: `OverlapFailure` where the overlap does not fit the grid.
  func sliding(over file: PipelineFile, on grid: Grid, for subject: String, needed: Int = 0)
    throws(OverlapFailure) -> SlidingInference
  {
    if file.taskType.answersWholeWindows {
      return SlidingInference(
        .init(window: file.chips.size, overlap: 0, blend: blend, memory: max(memory, needed)))
    }
    let pixels: Int
    switch overlap {
    case .pixels(let count): pixels = count
    case .metres:
      guard let area = grid.pixelAreaInSquareMetres else {
        throw .notInMetres(subject)
      }
      pixels = overlap.pixels(at: area.squareRoot())
    }
    guard pixels < window else {
      // In pixels it was held against the window when the file was read: here the size of the scene's pixels
      // decides.
      throw .leavesNothing(subject, overlap: overlap, pixels: pixels, window: window)
    }
    return SlidingInference(
      .init(window: window, overlap: pixels, blend: blend, memory: max(memory, needed)))
  }

  /// Makes the predictor that answers for a model in a slide.
  func predictor(_ model: Model, _ task: some PredictionTask) -> any Predictor {
    NetworkPredictor(model, task, kernels: arithmetic.kernels, seesMirrored: seesMirrored)
  }

  /// Names the settings of the recipe that mean nothing for a task, one phrase each.
  func problems(for task: any PredictionTask.Type) -> [String] {
    guard task.answersWholeWindows else { return [] }
    return written.map {
      "'\($0)' counts nothing where a window has one answer: windows are chips, side by side"
    }
  }
}
