/// Operations on parts of a text that a ``JSONDocument`` has scanned.
///
/// All of them expect a value, or the range of one, from a scan of the same bytes. With anything else the results are
/// meaningless, but nothing traps, and nothing outside the bytes is read.
package enum JSONText {
  /// Finds the members of an object, in order, including duplicates.
  ///
  /// - Parameters:
  ///   - object: a value of kind object; any other has no members.
  ///   - bytes: the scanned text.
  ///   - members: receives the members; its content is replaced and its memory kept.
  ///   - limit: the largest number of members to find.
  package static func members(
    of object: JSONValue, in bytes: Span<UInt8>, into members: inout [JSONMember], limit: Int = .max
  ) {
    var noted = NotedChildren()
    noted.limit = limit
    swap(&noted.members, &members)
    defer { swap(&noted.members, &members) }
    noted.clear()
    guard object.kind == .object else { return }
    if !split(object, bytes, &noted) { noted.clear() }
  }

  /// Finds the elements of an array, in order.
  ///
  /// - Parameters:
  ///   - array: a value of kind array; any other has no elements.
  ///   - bytes: the scanned text.
  ///   - elements: receives the elements; its content is replaced and its memory kept.
  package static func elements(of array: JSONValue, in bytes: Span<UInt8>, into elements: inout [JSONValue]) {
    var noted = NotedChildren()
    swap(&noted.elements, &elements)
    defer { swap(&noted.elements, &elements) }
    noted.clear()
    guard array.kind == .array else { return }
    if !split(array, bytes, &noted) { noted.clear() }
  }

  /// Scans a value again, because a scan is fast enough and the only code that knows the grammar.
  static func split<Sink: ChildSink>(_ value: JSONValue, _ bytes: Span<UInt8>, _ children: inout Sink) -> Bool {
    bytes.withUnsafeBufferPointer { text in
      var stack = ContainerStack()
      let outcome = try? Scanner.scan(
        text, value.range.clamped(to: 0..<text.count), depthLimit: .max, depthOfInterest: .max,
        stack: &stack, children: &children)
      return outcome?.root.kind == value.kind
    }
  }

  /// A string's characters, with its escapes resolved.
  ///
  /// - Parameters:
  ///   - range: the string without its quotes.
  ///   - bytes: the scanned text.
  /// - Returns: nil if an escape is a lone surrogate, which no `String` can hold.
  package static func string(_ range: Range<Int>, in bytes: Span<UInt8>) -> String? {
    bytes.withUnsafeBufferPointer { text in
      let body = UnsafeBufferPointer(rebasing: text[range.clamped(to: 0..<text.count)])
      guard body.contains(.backslash) else { return String(validating: body, as: UTF8.self) }
      var unescaped: [UInt8] = []
      guard Unescaper.append(body, to: &unescaped) else { return nil }
      return String(validating: unescaped, as: UTF8.self)
    }
  }

  /// Appends a string's characters in UTF-8, with its escapes resolved.
  ///
  /// - Parameters:
  ///   - range: the string without its quotes.
  ///   - bytes: the scanned text.
  ///   - output: receives the characters.
  /// - Returns: false, with nothing appended, if an escape is a lone surrogate.
  package static func appendUnescaped(_ range: Range<Int>, of bytes: Span<UInt8>, to output: inout [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { text in
      Unescaper.append(UnsafeBufferPointer(rebasing: text[range.clamped(to: 0..<text.count)]), to: &output)
    }
  }

  /// Whether a member has this name, whatever escapes its spelling contains (RFC 8259, section 8.3).
  ///
  /// - Parameters:
  ///   - member: a member that a scan found.
  ///   - bytes: the scanned text.
  ///   - wanted: the name, in UTF-8.
  /// - Returns: whether it has.
  package static func name(of member: JSONMember, in bytes: Span<UInt8>, equals wanted: [UInt8]) -> Bool {
    wanted.withUnsafeBufferPointer { equal(member, bytes, $0) }
  }

  /// Whether a member has this name, whatever escapes its spelling contains (RFC 8259, section 8.3).
  ///
  /// - Parameters:
  ///   - member: a member that a scan found.
  ///   - bytes: the scanned text.
  ///   - wanted: the name.
  /// - Returns: whether it has.
  package static func name(of member: JSONMember, in bytes: Span<UInt8>, equals wanted: StaticString) -> Bool {
    wanted.withUTF8Buffer { equal(member, bytes, $0) }
  }

  private static func equal(_ member: JSONMember, _ bytes: Span<UInt8>, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { text in
      let name = UnsafeBufferPointer(rebasing: text[member.name.clamped(to: 0..<text.count)])
      guard member.nameIsEscaped else { return name.hasSameBytes(as: wanted) }
      // An escape is never shorter than what it stands for.
      guard name.count >= wanted.count else { return false }
      var unescaped: [UInt8] = []
      return Unescaper.append(name, to: &unescaped) && unescaped.elementsEqual(wanted)
    }
  }
}
