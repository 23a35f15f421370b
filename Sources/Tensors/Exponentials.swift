import CVectorMath

/// Replaces each value by its exponential.
///
/// - Precision: 4 units in the last place. Eight at once take a seventh of the time of eight calls of `exp`.
package func takeExponentials(_ values: UnsafeMutablePointer<Float>, count: Int) {
  terrane_exponentials(values, count)
}
