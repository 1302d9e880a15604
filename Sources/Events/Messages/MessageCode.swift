/// The codes of a kind of message, with their sentences in each language.
///
/// A raw value is a short fixed word, in lower case with hyphens, that programs can rely on.
package protocol MessageCode: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// The names of the arguments that its sentences use.
  var arguments: [String] { get }
  var english: MessageWords { get }
  var french: MessageWords { get }
}

extension MessageCode {
  /// Its sentence in a language.
  package func words(in language: Language) -> MessageWords {
    switch language {
    case .en: english
    case .fr: french.withFrenchSpaces
    }
  }
}

/// A message's sentence in one language.
///
/// `{name}` stands for an argument; `{name|, '#'}` for that text with the argument in place of `#`, and for nothing if
/// the argument is empty; `{name|one file|# files}` for the first text if the argument is one (in French: none or one),
/// else for the second; `{name?word=text|other=text}` for the text of the word that the argument is, and for nothing if
/// it is another. A brace after a `$` is text, as in `${NAME}`.
package struct MessageWords: Hashable, Sendable, ExpressibleByStringLiteral {
  /// What happened, without a final full stop.
  package var text: String
  /// What a person can do about it, as one clause; nil if the sentence says it, or there is nothing to do but wait.
  package var advice: String?

  package init(_ text: String, advice: String? = nil) {
    self.text = text
    self.advice = advice
  }

  package init(stringLiteral text: String) { self.init(text) }

  /// With no-break spaces where French has a space before or after a sign.
  fileprivate var withFrenchSpaces: MessageWords {
    MessageWords(Self.withFrenchSpaces(text), advice: advice.map(Self.withFrenchSpaces))
  }

  private static func withFrenchSpaces(_ text: String) -> String {
    var result = ""
    var last: Character?
    for (index, character) in zip(text.indices, text) {
      let next = text.index(after: index) < text.endIndex ? text[text.index(after: index)] : nil
      let isBound = character == " " && (last == "«" || next.map { ":;?!»".contains($0) } ?? false)
      result.append(isBound ? "\u{A0}" : character)
      last = character
    }
    return result
  }
}
