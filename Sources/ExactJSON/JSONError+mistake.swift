/// What is wrong with a text, as a fixed word; `Events` has its sentences in each language.
///
/// A sentence may need the character `JSONError.found`, the name `JSONError.word` or the number `JSONError.limit`.
package enum JSONMistake: String, CaseIterable, Sendable {
  // The text ends too early.
  case empty = "json-empty"
  case endBeforeValue = "json-end-before-value"
  case endInArray = "json-end-in-array"
  case endInObject = "json-end-in-object"
  case endInNumber = "json-end-in-number"
  case endInWord = "json-end-in-word"
  case endInString = "json-end-in-string"
  case end = "json-end"
  case invalidUTF8 = "json-invalid-utf8"
  case tooDeep = "json-too-deep"
  // Commas, colons, brackets.
  case commaBeforeBrace = "json-comma-before-brace"
  case commaBeforeBracket = "json-comma-before-bracket"
  case noName = "json-no-name"
  case decimalComma = "json-decimal-comma"
  case noColon = "json-no-colon"
  case noCommaBetweenMembers = "json-no-comma-between-members"
  case noCommaAfterMember = "json-no-comma-after-member"
  case noCommaBetweenElements = "json-no-comma-between-elements"
  case noCommaAfterElement = "json-no-comma-after-element"
  case moreAfterValue = "json-more-after-value"
  // Numbers.
  case noDigitAfterMinus = "json-no-digit-after-minus"
  case noDigitAfterPoint = "json-no-digit-after-point"
  case noDigitInExponent = "json-no-digit-in-exponent"
  case leadingZero = "json-leading-zero"
  case plusSign = "json-plus-sign"
  case leadingPoint = "json-leading-point"
  case notInNumber = "json-not-in-number"
  // Words and strings.
  case otherWord = "json-other-word"
  case unquoted = "json-unquoted"
  case notEscaped = "json-not-escaped"
  case invalidEscape = "json-invalid-escape"
  case noHexDigits = "json-no-hex-digits"
  case singleQuotes = "json-single-quotes"
  case comment = "json-comment"
  case noValueBeforeComma = "json-no-value-before-comma"
  case noValue = "json-no-value"
}

extension JSONError {
  /// What is wrong, as a fixed word.
  package var mistake: JSONMistake {
    switch cause {
    case .end(let expected): Self.mistake(endWhere: expected)
    case .invalidUTF8: .invalidUTF8
    case .tooDeep: .tooDeep
    case .found(let byte, _, let expected): Self.mistake(found: byte, where: expected)
    }
  }

  /// What was found: the character in quotes if it is visible, else its number, such as U+0009; nil if the text ends.
  package var found: String? {
    switch cause {
    case .invalidUTF8(let byte): Self.hex(byte)
    case .found(let byte, let scalar, _): Self.shown(byte, scalar)
    case .end, .tooDeep: nil
    }
  }

  /// The expected word: `true`, `false` or `null`.
  package var word: String? {
    switch cause {
    case .found(_, _, .literal(let kind)), .end(.literal(let kind)): "\(kind)"
    default: nil
    }
  }

  /// How deeply containers may be nested, if they are nested more deeply.
  package var limit: Int? {
    if case .tooDeep(let limit) = cause { limit } else { nil }
  }

  private static func mistake(endWhere expected: Expectation) -> JSONMistake {
    switch expected {
    case .root: .empty
    case .memberValue, .colon: .endBeforeValue
    case .firstElement, .nextElement, .elementEnd: .endInArray
    case .firstName, .nextName, .memberEnd: .endInObject
    case .digitAfterMinus, .digitAfterPoint, .digitAfterExponent, .noDigitAfterZero, .numberEnd: .endInNumber
    case .literal: .endInWord
    case .character, .escape, .hexDigit: .endInString
    case .nothing: .end
    }
  }

  private static func mistake(found byte: UInt8, where expected: Expectation) -> JSONMistake {
    switch expected {
    case .nextName where byte == .closeBrace: .commaBeforeBrace
    case .nextElement where byte == .closeBracket: .commaBeforeBracket
    case .nextName where byte.isDigit: .decimalComma
    case .firstName, .nextName: .noName
    case .colon: .noColon
    case .memberEnd where byte == .quote: .noCommaBetweenMembers
    case .memberEnd: .noCommaAfterMember
    case .elementEnd where byte == .quote || byte == .openBrace || byte == .openBracket: .noCommaBetweenElements
    case .elementEnd: .noCommaAfterElement
    case .root, .memberValue, .firstElement, .nextElement: mistake(inPlaceOfValue: byte)
    case .nothing: .moreAfterValue
    case .digitAfterMinus: .noDigitAfterMinus
    case .digitAfterPoint: .noDigitAfterPoint
    case .digitAfterExponent: .noDigitInExponent
    case .noDigitAfterZero: .leadingZero
    case .numberEnd: .notInNumber
    case .literal: .otherWord
    case .character: .notEscaped
    case .escape: .invalidEscape
    case .hexDigit: .noHexDigits
    }
  }

  private static func mistake(inPlaceOfValue byte: UInt8) -> JSONMistake {
    switch byte {
    case UInt8(ascii: "'"): .singleQuotes
    case .slash, UInt8(ascii: "#"): .comment
    case .plus: .plusSign
    case .point: .leadingPoint
    case .comma: .noValueBeforeComma
    case _ where byte.isLetter: .unquoted
    default: .noValue
    }
  }

  private static func shown(_ byte: UInt8, _ scalar: Unicode.Scalar?) -> String {
    guard let scalar else { return hex(byte) }
    if (0x21...0x7E).contains(scalar.value) { return "'\(scalar)'" }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 0x10 ? "0x0" : "0x") + String(byte, radix: 16, uppercase: true)
  }
}
