extension JSONError {
  /// What is wrong, in one phrase for a person, without the place.
  package var message: String {
    switch cause {
    case .end(let expected): Self.message(endWhere: expected)
    case .invalidUTF8(let byte): "byte \(Self.hex(byte)) is not valid UTF-8 here"
    case .tooDeep(let limit): "more than \(limit) objects and arrays stand inside each other"
    case .found(let byte, let scalar, let expected):
      Self.message(found: byte, shown: Self.shown(byte, scalar), where: expected)
    }
  }

  private static func message(endWhere expected: Expectation) -> String {
    switch expected {
    case .root: "there is no value, only white space or nothing at all"
    case .memberValue, .colon: "the text ends before a member's value"
    case .firstElement, .nextElement, .elementEnd: "the text ends inside an array"
    case .firstName, .nextName, .memberEnd: "the text ends inside an object"
    case .digitAfterMinus, .digitAfterPoint, .digitAfterExponent, .noDigitAfterZero, .numberEnd:
      "the text ends inside a number"
    case .literal(let kind): "the text ends inside '\(kind)'"
    case .character, .escape, .hexDigit: "the text ends inside a string"
    case .nothing: "the text ends"
    }
  }

  private static func message(found byte: UInt8, shown: String, where expected: Expectation) -> String {
    switch expected {
    case .nextName where byte == .closeBrace: "a comma must not stand before '}'"
    case .nextElement where byte == .closeBracket: "a comma must not stand before ']'"
    case .firstName, .nextName: "a member's name in double quotes is expected, not \(shown)"
    case .colon: "a colon is expected after a member's name, not \(shown)"
    case .memberEnd where byte == .quote: "a comma is missing between two members"
    case .memberEnd: "a comma or '}' is expected after a member, not \(shown)"
    case .elementEnd where byte == .quote || byte == .openBrace || byte == .openBracket:
      "a comma is missing between two elements"
    case .elementEnd: "a comma or ']' is expected after an element, not \(shown)"
    case .root, .memberValue, .firstElement, .nextElement: valueMessage(found: byte, shown: shown)
    case .nothing: "nothing but white space may follow the value, not \(shown)"
    case .digitAfterMinus: "a digit is expected after '-', not \(shown)"
    case .digitAfterPoint: "a digit is expected after the decimal point, not \(shown)"
    case .digitAfterExponent: "a digit is expected in the exponent, not \(shown)"
    case .noDigitAfterZero: "a number must not begin with a 0 that other digits follow"
    case .numberEnd: "\(shown) does not belong in a number"
    case .literal(let kind): "'\(kind)' is expected here, not \(shown)"
    case .character: "\(shown) must be escaped in a string"
    case .escape: "a backslash and \(shown) are no escape"
    case .hexDigit: "four hexadecimal digits are expected after '\\u', not \(shown)"
    }
  }

  private static func valueMessage(found byte: UInt8, shown: String) -> String {
    switch byte {
    case UInt8(ascii: "'"): "a string stands in double quotes, not in '"
    case .slash, UInt8(ascii: "#"): "JSON has no comments"
    case .plus: "a number must not begin with '+'"
    case .point: "a number must not begin with '.'"
    case .comma: "a value is missing before a comma"
    case _ where byte.isLetter: "only true, false, null and numbers stand without quotes"
    default: "a value is expected, not \(shown)"
    }
  }

  /// The character in quotes where it can be seen, else its number.
  private static func shown(_ byte: UInt8, _ scalar: Unicode.Scalar?) -> String {
    guard let scalar else { return "byte \(hex(byte))" }
    switch scalar.value {
    case 0x22: return "a double quote"
    case 0x21...0x7E: return "'\(scalar)'"
    default:
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 0x10 ? "0x0" : "0x") + String(byte, radix: 16, uppercase: true)
  }
}
