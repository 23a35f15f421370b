import Chips
import Classes
import Foundation
import Products
import Rasters
import Runs
import Tensors

/// A question that a model answers of an image: it says what scores stand for, what training minimises, how
/// answers are scored against labels, and how the answers of a slide become a map.
///
/// Training, mapping and evaluation know tasks by this protocol only: another task is another type, and a
/// line in ``TaskCatalogue``.
package protocol PredictionTask: Sendable {
  /// The score of answers against labels.
  associatedtype Score: ReportedScore
  /// Puts the answers of a slide's windows together.
  associatedtype Assembly: Assembler
  /// The files that the parts of a map are written to.
  associatedtype Files: AnswerFiles where Files.Part == Assembly.Part
  /// The labels that the parts of a map are held against.
  associatedtype Reference: AnswerReference
  where Reference.Part == Assembly.Part, Reference.Score == Score

  /// The name of the task in pipeline files and model cards.
  static var name: String { get }
  /// Whether a window has one answer: windows then have the side of a chip and lie side by side, where those
  /// of other tasks overlap and may have any size.
  static var answersWholeWindows: Bool { get }
  /// The parts of a training that mean something for the task.
  static var limits: TaskLimits { get }

  /// Creates the task with so many classes.
  init(classes: Int)

  /// Returns the answers that plain scores `[N, K, H, W]` of a network stand for, of the same shape.
  func answers(_ scores: Tensor) -> Tensor
  /// Returns the objective that training minimises.
  ///
  /// - Parameter labelCounts: labelled pixels of each class.
  func objective(_ loss: LossRecipe, labelCounts: [Int]) -> any Objective

  /// A score in which nothing is counted yet.
  var emptyScore: Score { get }
  /// Counts what a network says of chips, by its plain scores `[N, K, H, W]`.
  func add(_ scores: Tensor, of batch: ChipBatch, to score: inout Score)

  /// Makes an assembler of the windows of a slide, ready for the first of the panels.
  func assembly(columns: WindowPlan, rows: WindowPlan, panels: [Panel], blend: Blend) -> Assembly
  /// Returns the bytes that an assembler holds.
  func assemblyBytes(rows: WindowPlan, panels: [Panel]) -> Int
  /// The bands of bytes of which the parts of a map have a value for each pixel.
  var mapBands: Int { get }
  /// The task with maps that hold the probability of every class, where it can.
  var keepingProbabilities: Self { get }
  /// Creates the files for the parts of a map.
  ///
  /// - Parameter name: what the map is called in products.
  func files(in directory: URL, for map: MapDescription) throws -> Files
  /// Returns the labels of a part of a scene, to hold the parts of a map against.
  func reference(_ labels: ReferenceLabels) -> Reference
}

/// The map that files are made for.
package struct MapDescription: Sendable {
  /// The name of the map in products.
  package let name: String
  /// The grid of the scene.
  package let grid: Grid
  /// The classes in the order of their indices.
  package let legend: Legend
  /// The sides of a window, where windows have one answer each.
  package let window: Int

  /// Creates the description of a map.
  package init(named name: String, grid: Grid, legend: Legend, window: Int) {
    (self.name, self.grid, self.legend, self.window) = (name, grid, legend, window)
  }
}

/// Labels of a part of a scene.
package struct ReferenceLabels: Sendable {
  /// The part, on the scene's grid.
  package let window: Window
  /// Class indices row by row, ``ClassIndex/none`` where unlabelled.
  package let classes: [UInt8]
  /// The annotations of the part besides its pixels' classes, where there are any.
  package let annotations: (any Annotations)?

  /// Creates the labels of a part of a scene.
  package init(_ classes: [UInt8], in window: Window, annotations: (any Annotations)? = nil) {
    (self.classes, self.window, self.annotations) = (classes, window, annotations)
  }

  /// Returns whether any labelled pixel lies in a window of the scene.
  package func hasLabels(in other: Window) -> Bool {
    guard let shared = other.intersection(window) else { return false }
    return shared.rows.contains { row in
      let start = (row - window.row) * window.width + shared.column - window.column
      return classes[start..<start + shared.width].contains { $0 != ClassIndex.none }
    }
  }
}

/// Holds the parts of a map against labels, as they come.
package protocol AnswerReference: Sendable {
  /// A finished part of the map.
  associatedtype Part
  /// The score of answers against labels.
  associatedtype Score

  /// Takes a part; parts come one after the other.
  func collect(_ part: Part)
  /// Counts the labels, once the map has ended.
  func add(to score: inout Score)
  /// Counts the mapped areas, labelled or not.
  func addAreas(to score: inout Score, on grid: Grid)
}

/// The files of a map, written part by part on one thread.
package protocol AnswerFiles: Sendable {
  /// A finished part of the map.
  associatedtype Part

  /// Writes a part of the map.
  func write(_ part: Part) throws
  /// Ends the files and returns them as layers, with the findings about the map.
  ///
  /// - Returns: what they hold, and what the map has found.
  func close() throws -> (layers: [Layer], grid: Grid, findings: [Finding])
}

extension PredictionTask {
  /// Two: an answer and how sure it is.
  package var mapBands: Int { 2 }
  /// The task as it is: nothing more can be kept.
  package var keepingProbabilities: Self { self }
  /// The figure that decides between models.
  package var headline: Headline { Score.headline }
}

/// Limits of a task: the parts of a training that mean nothing for it.
package struct TaskLimits: Sendable {
  /// Whether labels, and so probabilities, are of pixels: what mixes, pastes or believes labelled pixels
  /// needs that.
  package let hasPixels: Bool
  /// Whether each place has one class, whose probabilities add up to 1: what losses, ensembles and adaptation
  /// by classes need.
  package let hasOneClass: Bool

  /// Creates the limits of a task.
  package init(hasPixels: Bool, hasOneClass: Bool) {
    (self.hasPixels, self.hasOneClass) = (hasPixels, hasOneClass)
  }
}
