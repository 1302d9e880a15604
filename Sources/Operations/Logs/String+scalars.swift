extension String {
  /// The text with some of its scalars replaced.
  ///
  /// `replacing(_:with:)` compares characters: followed by a combining mark, a quote is another character to Swift, but still
  /// a quote to a shell, to YAML and to Prometheus.
  ///
  /// - Parameter replacement: What takes a scalar's place; nil if it stays.
  /// - Returns: The new text.
  package func replacingScalars(_ replacement: (Unicode.Scalar) -> String?) -> String {
    unicodeScalars.map { replacement($0) ?? String($0) }.joined()
  }
}
