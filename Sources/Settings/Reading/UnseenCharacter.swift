internal import Events
internal import ExactJSON

/// A character that readers of a configuration overlook, or take for a plain space.
enum UnseenCharacter {
  case hidden(Unicode.Scalar)
  case space(Unicode.Scalar)

  /// Nil for all other characters.
  ///
  /// Controls are refused anyway; joiners, variation selectors and tags are parts of words and emoji.
  init?(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0..<0xA0, 0x200C...0x200D, 0xFE00...0xFE0F, 0xE0020...0xE007F, 0xE0100...0xE01EF: return nil
    default: break
    }
    if !scalar.isVisible {
      self = .hidden(scalar)
    } else if scalar.properties.generalCategory == .spaceSeparator {
      self = .space(scalar)
    } else {
      return nil
    }
  }

  /// The first one in a text.
  static func first(in text: String) -> UnseenCharacter? {
    text.unicodeScalars.lazy.compactMap { UnseenCharacter($0) }.first
  }

  /// A message with its number: one for a hidden character, or one for a space.
  func message<Code: MessageCode>(_ hidden: Code, _ space: Code) -> Message {
    switch self {
    case .hidden(let scalar): Message(hidden, ["code": .text(scalar.hexadecimal)])
    case .space(let scalar): Message(space, ["code": .text(scalar.hexadecimal)])
    }
  }

  /// What to do about the first one in a refused text; nil if it has none.
  static func hint(for text: String) -> Message? {
    first(in: text)?.message(HintMessage.hiddenCharacter, .oddSpace)
  }
}

extension Unicode.Scalar {
  /// Its number as in `U+00A0`, without the `U+`.
  var hexadecimal: String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
