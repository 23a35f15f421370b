import Checkpoints
import Chips
import Foundation
import Scenes
import Synchronization

/// The adjustments of scenes by the steps of a card, found once a scene: one that is opened twice is looked
/// through once.
final class FittedBandMaps: Sendable {
  private let steps: [RadiometricStep]
  private let known = Mutex<[[SceneIdentity]: [[BandMap]]]>([:])

  init(_ steps: [RadiometricStep]) { self.steps = steps }

  /// Returns the maps of a scene's bands; none where the card has no steps.
  ///
  /// - Parameter open: opens the whole scene as it is.
  func maps(
    of scene: SceneEntry, isReference: @autoclosure () -> Bool, open: () throws -> Scene
  ) throws -> [[BandMap]] {
    guard !steps.isEmpty else { return [] }
    if let maps = known.withLock({ $0[scene.identities] }) { return maps }
    let maps = try RadiometricFitting(steps).maps(for: try open(), isReference: isReference())
    known.withLock { $0[scene.identities] = maps }
    return maps
  }
}
