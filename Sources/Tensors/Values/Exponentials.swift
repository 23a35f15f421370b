import CVectorMath

/// Replaces each value by its exponential.
///
/// - Precision: 4 units in the last place. Softmax takes a third of the time that it took with one call of
///   `exp` a value.
package func takeExponentials(_ values: UnsafeMutablePointer<Float>, count: Int) {
  terrane_exponentials(values, count)
}
