import Chips
import Tensors

/// Puts the answers of a slide's windows together to a map, and hands out each part once no later window
/// touches it.
///
/// Windows come panel by panel, in each row by row, left to right.
package protocol Assembler: AnyObject {
  /// A finished part of the map.
  associatedtype Part: AssembledPart

  /// Goes on with the panel to the right of the last one.
  func begin(_ next: Panel)
  /// Adds the answer of one window, plain.
  func add(_ answer: Tensor, windowRow: Int, windowColumn: Int)
  /// Returns the part of the panel that is final once a row of windows is complete.
  ///
  /// - Parameter validity: which pixels of a row of the scene are valid, from the panel's first column on.
  func finish(windowRow: Int, validity: (Int) -> ArraySlice<Bool>) -> Part
}

/// A finished part of a map.
package protocol AssembledPart: Sendable {
  /// Pixels of the scene that have an answer.
  var pixels: Int { get }
}
