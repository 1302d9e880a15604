/// Numbers with what they count, in one form for one and another for many.
package enum CountText {
  /// A number and its word.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - one: The word for one.
  ///   - many: The word for any other number; nil: with an `s`.
  /// - Returns: As `1 file` or `2 files`.
  package static func text(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
  }
}
