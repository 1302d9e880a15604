/// The kind of a JSON value (RFC 8259, section 3).
package enum JSONKind: UInt8, Sendable {
  case object, array, string, number, `true`, `false`, null
}

/// Where a value stands in the scanned bytes; a string's range includes its quotes.
package struct JSONValue: Hashable, Sendable {
  /// Its kind.
  package var kind: JSONKind
  /// Its bytes, from the first of it to the last.
  package var range: Range<Int>

  /// A value that stands there.
  package init(kind: JSONKind, range: Range<Int>) {
    self.kind = kind
    self.range = range
  }
}

/// A member of an object.
package struct JSONMember: Hashable, Sendable {
  /// The name, without its quotes, as it is written.
  package var name: Range<Int>
  /// Whether the name is written with a backslash anywhere, so that it must be unescaped before it is compared.
  package var nameIsEscaped: Bool
  /// What the name stands for.
  package var value: JSONValue

  /// A member that stands there.
  package init(name: Range<Int>, nameIsEscaped: Bool, value: JSONValue) {
    self.name = name
    self.nameIsEscaped = nameIsEscaped
    self.value = value
  }
}

extension JSONValue {
  /// What stands between the quotes of a string.
  package var withoutQuotes: Range<Int> { (range.lowerBound + 1)..<(range.upperBound - 1) }
}
