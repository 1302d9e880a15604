/// Why bytes are not one JSON text (RFC 8259), and where.
package struct JSONError: Error, Hashable, Sendable {
  /// The kind of the mistake.
  package enum Reason: Hashable, Sendable {
    /// A byte that is not allowed here.
    case unexpectedByte
    /// The bytes end before the text does.
    case unexpectedEnd
    /// A byte that begins no UTF-8 sequence, or an incomplete sequence.
    case invalidUTF8
    /// A backslash in a string that does not begin an escape.
    case invalidEscape
    /// A byte below 0x20 in a string.
    case controlCharacterInString
    /// A number not in JSON's grammar, such as `01`, `+1`, `.5`, `1.`, `0x1F`.
    case invalidNumber
    /// A word that is not `true`, `false` or `null`.
    case invalidLiteral
    /// Something other than white space after the value.
    case trailingContent
    /// Containers nested more deeply than allowed.
    case tooDeep
  }

  /// What was found, and what was expected.
  enum Cause: Hashable, Sendable {
    case found(UInt8, Unicode.Scalar?, expected: Expectation)
    case end(expected: Expectation)
    case invalidUTF8(UInt8)
    case tooDeep(limit: Int)
  }

  /// The number of bytes before the mistake, from the beginning of the scanned span.
  ///
  /// It is the first byte that no JSON text can continue with; for invalid UTF-8, the first byte of the invalid
  /// sequence; and if the text ends too early, the number of its bytes.
  package var offset: Int

  let cause: Cause

  init(_ cause: Cause, at offset: Int) {
    self.cause = cause
    self.offset = offset
  }

  /// The kind of the mistake.
  package var reason: Reason {
    switch cause {
    case .end: .unexpectedEnd
    case .invalidUTF8: .invalidUTF8
    case .tooDeep: .tooDeep
    case .found(let byte, _, let expected): expected.reason(against: byte)
    }
  }
}

extension JSONError: CustomStringConvertible {
  /// The mistake's word, and its offset.
  package var description: String { "\(mistake.rawValue) at byte \(offset)" }
}
