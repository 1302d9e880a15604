/// Why a text is not a JSON Pointer (RFC 6901, section 3), and where.
package struct JSONPointerError: Error, Hashable, Sendable {
  /// The kind of the mistake.
  package enum Reason: Hashable, Sendable {
    /// The pointer is not empty and does not begin with a slash.
    case noSlash
    /// A tilde not followed by 0 or 1.
    case invalidEscape
  }

  /// The kind of the mistake.
  package var reason: Reason
  /// The number of bytes before the mistake, from the beginning of the pointer.
  package var offset: Int

  /// An error of this kind at this offset.
  package init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// What is wrong, in one phrase for people.
  package var message: String {
    switch reason {
    case .noSlash: "a JSON Pointer is empty or begins with '/'"
    case .invalidEscape: "'~' must be written '~0' in a JSON Pointer ('~1' stands for '/')"
    }
  }
}

extension JSONPointerError: CustomStringConvertible {
  /// The message.
  package var description: String { message }
}
