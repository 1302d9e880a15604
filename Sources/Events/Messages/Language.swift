/// A language for messages to people; its raw value is that of `language` in the configuration.
package enum Language: String, CaseIterable, Sendable {
  case en, fr
}

extension Language {
  /// What separates what happened from what a person can do about it.
  package var betweenClauses: String {
    switch self {
    case .en: "; "
    // With a no-break space.
    case .fr: "\u{A0}; "
    }
  }
}
