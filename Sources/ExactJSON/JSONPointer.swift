/// A path to a value in a JSON text (RFC 6901), such as `/data/object/id`.
package struct JSONPointer: Hashable, Sendable {
  /// The result of following a pointer.
  package enum Match: Hashable, Sendable {
    /// Nothing: a name or index on the way does not exist, or a value on the way is not a container.
    case missing
    /// A name on the way occurs more than once in its object, which makes it ambiguous; the second occurrence.
    case duplicate(JSONMember)
    /// The value.
    case value(JSONValue)
  }

  /// The names and indexes on the way, in UTF-8, with `~0` and `~1` resolved; an empty list means the whole document.
  package var tokens: [[UInt8]]

  /// Parses a pointer in the syntax of RFC 6901, section 3; an empty one means the whole document.
  ///
  /// - Parameter text: the pointer.
  /// - Throws: if it does not begin with `/`, or a `~` is not followed by `0` or `1`.
  package init(_ text: String) throws(JSONPointerError) {
    tokens = []
    var afterTilde = false
    for (offset, byte) in text.utf8.enumerated() {
      if afterTilde {
        guard byte == .zero || byte == UInt8(ascii: "1") else {
          throw JSONPointerError(reason: .invalidEscape, offset: offset - 1)
        }
        tokens[tokens.count - 1].append(byte == .zero ? .tilde : .slash)
        afterTilde = false
      } else if byte == .slash {
        tokens.append([])
      } else if tokens.isEmpty {
        throw JSONPointerError(reason: .noSlash, offset: 0)
      } else if byte == .tilde {
        afterTilde = true
      } else {
        tokens[tokens.count - 1].append(byte)
      }
    }
    if afterTilde { throw JSONPointerError(reason: .invalidEscape, offset: text.utf8.count - 1) }
  }

  /// The pointer to a member of the document's root.
  ///
  /// - Parameter name: the member's name, unescaped.
  package init(member name: String) {
    tokens = [Array(name.utf8)]
  }

  /// Follows the pointer.
  ///
  /// - Parameters:
  ///   - document: a document after a scan.
  ///   - bytes: the bytes it has scanned.
  /// - Returns: the value, or why there is none.
  package func resolve(in document: borrowing JSONDocument, _ bytes: Span<UInt8>) -> Match {
    guard let first = tokens.first else { return .value(document.root) }
    var match = Self.step(first, in: document, bytes)
    for token in tokens.dropFirst() {
      guard case .value(let value) = match else { return match }
      match = Self.step(token, from: value, bytes)
    }
    return match
  }

  /// The first step, for which the scan has kept the places of the parts.
  private static func step(_ token: [UInt8], in document: borrowing JSONDocument, _ bytes: Span<UInt8>) -> Match {
    guard !document.hasLeftOut else { return step(token, from: document.root, bytes) }
    if document.root.kind == .object {
      var search = MemberSearch(token)
      for member in document.members { search.look(at: member, bytes) }
      return search.match
    }
    guard let index = index(token), index < document.elements.count else { return .missing }
    return .value(document.elements[index])
  }

  /// A step into any value; what it skips is not kept.
  private static func step(_ token: [UInt8], from value: JSONValue, _ bytes: Span<UInt8>) -> Match {
    switch value.kind {
    case .object:
      var search = MemberSearch(token)
      JSONText.forEachMember(of: value, in: bytes) { search.look(at: $0, bytes) }
      return search.match
    case .array:
      guard let index = index(token) else { return .missing }
      var count = 0
      var found: JSONValue?
      JSONText.forEachElement(of: value, in: bytes) { element in
        if count == index { found = element }
        count += 1
      }
      return found.map { .value($0) } ?? .missing
    case .string, .number, .true, .false, .null:
      return .missing
    }
  }

  /// An array index: `0`, or digits that do not begin with 0 (RFC 6901, section 4).
  ///
  /// `-` and numbers too large for any array give nil, because no element has them.
  private static func index(_ token: [UInt8]) -> Int? {
    guard let first = token.first, first != .zero || token.count == 1 else { return nil }
    var index = 0
    for byte in token {
      guard byte.isDigit else { return nil }
      let (tens, overflow) = index.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = tens.addingReportingOverflow(Int(byte - .zero))
      guard !overflow, !sumOverflow else { return nil }
      index = sum
    }
    return index
  }
}

extension JSONPointer: CustomStringConvertible {
  /// The pointer in the syntax of RFC 6901.
  package var description: String {
    var text: [UInt8] = []
    for token in tokens {
      text.append(.slash)
      for byte in token {
        switch byte {
        case .tilde: text += [.tilde, .zero]
        case .slash: text += [.tilde, UInt8(ascii: "1")]
        default: text.append(byte)
        }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Looks for a name among the members of an object.
private struct MemberSearch {
  private let name: [UInt8]
  private var first: JSONMember?
  private var second: JSONMember?

  init(_ name: [UInt8]) {
    self.name = name
  }

  mutating func look(at member: JSONMember, _ bytes: Span<UInt8>) {
    guard second == nil, JSONText.name(of: member, in: bytes, equals: name) else { return }
    if first == nil { first = member } else { second = member }
  }

  var match: JSONPointer.Match {
    if let second { return .duplicate(second) }
    return first.map { .value($0.value) } ?? .missing
  }
}
