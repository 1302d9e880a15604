package import Events
internal import Time

/// Sizes as people write them in a language: `3.4 MiB`, `3,4 Mio`.
package enum SizeWords {
  /// A size.
  ///
  /// - Parameters:
  ///   - bytes: The number of bytes.
  ///   - language: The language of the text.
  /// - Returns: The text.
  package static func text(of bytes: Int, in language: Language) -> String {
    let text = SizeText.text(of: bytes)
    guard language == .fr else { return text }
    // An octet is a byte; the unit is the last letter.
    return text.dropLast().replacing(".", with: ",") + "o"
  }
}
