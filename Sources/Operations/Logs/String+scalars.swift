extension String {
  /// The text with some of its scalars replaced.
  ///
  /// `replacing(_:with:)` compares characters: a quote followed by a combining mark is another character to Swift, but
  /// still a quote to a shell, YAML and Prometheus.
  ///
  /// - Parameter replacement: What replaces a scalar; nil to keep it.
  /// - Returns: The new text.
  package func replacingScalars(_ replacement: (Unicode.Scalar) -> String?) -> String {
    unicodeScalars.map { replacement($0) ?? String($0) }.joined()
  }
}
