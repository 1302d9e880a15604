internal import Events

/// What is hardly intended in a valid text, whatever its key.
enum TextDoubt: CaseIterable {
  /// A character that cannot be seen, or looks like a plain space.
  case unseenCharacter
  /// Quotes that a word processor has inserted.
  case quotes
  /// `$NAME` without braces.
  case bareVariable
  /// A secret that an example leaves open.
  case placeholder

  /// The warning; nil if there is nothing to doubt.
  ///
  /// It never quotes the text, which can be a secret.
  func warning(of scalar: YAMLScalar, isSecret: Bool) -> Message? {
    let text = scalar.text
    switch self {
    case .unseenCharacter:
      return UnseenCharacter.first(in: text)?.message(WarningMessage.hiddenCharacter, .oddSpace)
    case .quotes: return text.beginsWithTypographicQuote ? .warning(.typographicQuotes) : nil
    case .bareVariable:
      guard scalar.origins.isEmpty else { return nil }
      // A secret may contain anything.
      let isBare =
        isSecret ? text.wholeMatch(of: /\$[A-Z_][A-Z0-9_]+/) != nil : text.contains(/\$[A-Z_][A-Z0-9_]+/)
      return isBare ? .warning(.bareVariable) : nil
    case .placeholder: return isSecret && text.isPlaceholder ? .warning(.placeholder) : nil
    }
  }
}

extension String {
  var beginsWithTypographicQuote: Bool { unicodeScalars.first.map("“”„‘’«".unicodeScalars.contains) ?? false }

  /// Whether it is what examples have instead of a secret, such as `changeme`, `<token>` or `your-token`.
  fileprivate var isPlaceholder: Bool {
    let text = lowercased()
    return (text.hasPrefix("<") && text.hasSuffix(">")) || text.filter(\.isLetter).hasPrefix("changeme")
      || text.hasPrefix("your-") || text.hasPrefix("your_") || text.wholeMatch(of: /x{3,}|\.{3}|…|todo/) != nil
  }
}
