/// The place of a class in the list of classes that a network scores, from 0 on: what labels, targets and
/// class maps hold for each pixel, whatever the values of the classes are.
public enum ClassIndex {
  /// The index of a pixel that has no class: nothing is known of it, and it counts nowhere.
  ///
  /// It is computed, so that loops over pixels compare with a constant in every module.
  public static var none: UInt8 { 255 }
}
