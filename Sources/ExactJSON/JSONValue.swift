/// The kind of a JSON value (RFC 8259, section 3).
package enum JSONKind: UInt8, Sendable {
  case object, array, string, number, `true`, `false`, null
}

/// The place of a value in the scanned bytes; a string's range includes its quotes.
package struct JSONValue: Hashable, Sendable {
  /// Its kind.
  package var kind: JSONKind
  /// All of its bytes.
  package var range: Range<Int>

  /// A value at this place.
  package init(kind: JSONKind, range: Range<Int>) {
    self.kind = kind
    self.range = range
  }
}

/// A member of an object.
package struct JSONMember: Hashable, Sendable {
  /// The name as spelled in the text, without its quotes.
  package var name: Range<Int>
  /// Whether the name contains a backslash, so that it must be unescaped before it is compared.
  package var nameIsEscaped: Bool
  /// The member's value.
  package var value: JSONValue

  /// A member at this place.
  package init(name: Range<Int>, nameIsEscaped: Bool, value: JSONValue) {
    self.name = name
    self.nameIsEscaped = nameIsEscaped
    self.value = value
  }
}

extension JSONValue {
  /// The content of a string, without its quotes.
  package var withoutQuotes: Range<Int> { (range.lowerBound + 1)..<(range.upperBound - 1) }
}
