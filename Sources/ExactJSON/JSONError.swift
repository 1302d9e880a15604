/// Why bytes are not one JSON text (RFC 8259), and where.
package struct JSONError: Error, Hashable, Sendable {
  /// The kind of the mistake.
  package enum Reason: Hashable, Sendable {
    /// A byte that cannot stand where it stands.
    case unexpectedByte
    /// The bytes end before the text does.
    case unexpectedEnd
    /// A byte that begins no UTF-8 sequence, or one that is broken off.
    case invalidUTF8
    /// A backslash in a string that no escape follows.
    case invalidEscape
    /// A byte below 0x20 in a string.
    case controlCharacterInString
    /// A number that JSON's grammar does not have, such as `01`, `+1`, `.5`, `1.`, `0x1F`.
    case invalidNumber
    /// A word that is not `true`, `false` or `null`.
    case invalidLiteral
    /// Something other than white space after the value.
    case trailingContent
    /// More containers inside each other than allowed.
    case tooDeep
  }

  /// What was met, and what should have been.
  enum Cause: Hashable, Sendable {
    case found(UInt8, Unicode.Scalar?, expected: Expectation)
    case end(expected: Expectation)
    case invalidUTF8(UInt8)
    case tooDeep(limit: Int)
  }

  /// Bytes before the mistake, from the begin of the scanned span.
  ///
  /// It is the first byte with which no JSON text can go on, for invalid UTF-8 the first byte of the broken sequence,
  /// and where the text ends too early, the number of its bytes.
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
  /// The mistake's word and the offset.
  package var description: String { "\(mistake.rawValue) at byte \(offset)" }
}
