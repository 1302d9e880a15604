/// What the grammar requires next at a place in a JSON text.
enum Expectation: Hashable, Sendable {
  /// The text's value.
  case root
  /// A value, after a member's colon.
  case memberValue
  /// A value or `]`, after `[`.
  case firstElement
  /// A value, after a comma.
  case nextElement
  /// A name or `}`, after `{`.
  case firstName
  /// A name, after a comma.
  case nextName
  case colon
  /// A comma or `}`.
  case memberEnd
  /// A comma or `]`.
  case elementEnd
  /// Nothing but white space, after the value.
  case nothing
  case digitAfterMinus, digitAfterPoint, digitAfterExponent
  /// Not a digit.
  case noDigitAfterZero
  /// The rest of a number, or what may follow it.
  case numberEnd
  /// The rest of `true`, `false` or `null`.
  case literal(JSONKind)
  /// A character of a string, or its closing quote.
  case character
  /// What follows a backslash.
  case escape
  /// One of the four digits after `\u`.
  case hexDigit

  /// The kind of mistake if `byte` is found here instead.
  func reason(against byte: UInt8) -> JSONError.Reason {
    switch self {
    case .root, .memberValue, .firstElement, .nextElement:
      if byte.isLetter { return .invalidLiteral }
      return byte == .plus || byte == .point ? .invalidNumber : .unexpectedByte
    case .firstName, .nextName, .colon, .memberEnd, .elementEnd: return .unexpectedByte
    case .nothing: return .trailingContent
    case .digitAfterMinus, .digitAfterPoint, .digitAfterExponent, .noDigitAfterZero, .numberEnd: return .invalidNumber
    case .literal: return .invalidLiteral
    case .character: return .controlCharacterInString
    case .escape, .hexDigit: return .invalidEscape
    }
  }
}

extension UInt8 {
  var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
}
