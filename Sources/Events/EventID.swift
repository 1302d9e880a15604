/// An event's identity: its bytes.
///
/// Two ids are equal only if their bytes are: two spellings of a character that Unicode calls equivalent are two ids,
/// in names, the catalog and the journals as well as here. As `String`s they would be equal.
package struct EventID: Sendable {
  /// The id as people read it.
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  /// Its bytes, in UTF-8.
  package var utf8: String.UTF8View { text.utf8 }
}

extension EventID: Hashable {
  package static func == (one: EventID, other: EventID) -> Bool {
    one.utf8.elementsEqual(other.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension EventID: Comparable {
  package static func < (one: EventID, other: EventID) -> Bool {
    one.utf8.lexicographicallyPrecedes(other.utf8)
  }
}

extension EventID: CustomStringConvertible {
  package var description: String { text }
}

extension EventID: ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) {
    self.init(text)
  }
}
