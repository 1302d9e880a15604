package import Events
internal import Time

/// Sizes as people of a language read them: `3.4 MiB`, `3,4 Mio`.
package enum SizeWords {
  /// A size.
  ///
  /// - Parameters:
  ///   - bytes: How many bytes.
  ///   - language: In which it is told.
  /// - Returns: The text.
  package static func text(of bytes: Int, in language: Language) -> String {
    let text = SizeText.text(of: bytes)
    guard language == .fr else { return text }
    // An octet is a byte; the unit is the last letter.
    return text.dropLast().replacing(".", with: ",") + "o"
  }
}
