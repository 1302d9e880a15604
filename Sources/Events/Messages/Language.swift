/// A language in which people are told something; its raw value is as `language` in the configuration has it.
package enum Language: String, CaseIterable, Sendable {
  case en, fr
}

extension Language {
  /// What stands between what happened and what a person can do about it.
  package var betweenClauses: String {
    switch self {
    case .en: "; "
    // With a space that no line breaks at.
    case .fr: "\u{A0}; "
    }
  }
}
