/// Scans one JSON text, checking the order of its tokens.
///
/// The tokens themselves are read by ``TokenReader``. It is not recursive, so that no input can overflow the call
/// stack: it keeps one bit for every open container.
enum Scanner {
  /// The result of a scan, apart from members and elements.
  struct Outcome {
    var root: JSONValue
    var depth: Int
    var firstTooDeep: Int?
  }

  /// Reads one value with white space around it, filling `range` of the buffer.
  ///
  /// - Parameters:
  ///   - text: the buffer.
  ///   - range: must lie within the buffer.
  ///   - depthLimit: how many containers may be open.
  ///   - depthOfInterest: see ``Outcome/firstTooDeep``.
  ///   - stack: working memory, emptied by the scan.
  ///   - children: receives the members of a root object, or the elements of a root array.
  /// - Returns: the other results.
  /// - Throws: the first mistake; what precedes it has been passed on by then.
  static func scan<Sink: ChildSink>(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, depthLimit: Int, depthOfInterest: Int,
    stack: inout ContainerStack, children: inout Sink
  ) throws(JSONError) -> Outcome {
    guard let base = text.baseAddress, !range.isEmpty else {
      throw JSONError(.end(expected: .root), at: range.lowerBound)
    }
    let reader = TokenReader(base: base, end: range.upperBound)
    let end = reader.end
    stack.removeAll()
    var depth = 0
    var deepest = 0
    var firstTooDeep: Int?
    // The member or element of the root that is being read.
    var name = 0..<0
    var nameIsEscaped = false
    var kind = JSONKind.null
    var start = 0
    // Where a value or name is required, if it is missing.
    var expected = Expectation.root

    var index = reader.skipWhiteSpace(from: range.lowerBound)
    let rootStart = index
    var rootKind = JSONKind.null

    values: while true {
      // `index` is at a value, or at the name before it.
      if stack.topIsObject {
        guard index < end, base[index] == .quote else { throw reader.failure(expected, at: index) }
        var escaped = false
        let nameEnd = try reader.closingQuote(from: index &+ 1, escaped: &escaped)
        if depth == 1 {
          name = (index &+ 1)..<nameEnd
          nameIsEscaped = escaped
        }
        index = reader.skipWhiteSpace(from: nameEnd &+ 1)
        guard index < end, base[index] == .colon else { throw reader.failure(.colon, at: index) }
        index = reader.skipWhiteSpace(from: index &+ 1)
        expected = .memberValue
      }

      guard index < end else { throw reader.failure(expected, at: index) }
      let byte = base[index]
      let valueStart = index
      let valueKind: JSONKind
      if byte == .quote {
        var escaped = false
        valueKind = .string
        index = try reader.closingQuote(from: index &+ 1, escaped: &escaped) &+ 1
      } else if byte.isDigit || byte == .minus {
        valueKind = .number
        index = try reader.numberEnd(from: index)
      } else if byte == .openBrace || byte == .openBracket {
        let isObject = byte == .openBrace
        let close: UInt8 = isObject ? .closeBrace : .closeBracket
        valueKind = isObject ? .object : .array
        if depth &+ 1 > deepest {
          deepest = depth &+ 1
          guard deepest <= depthLimit else { throw JSONError(.tooDeep(limit: depthLimit), at: index) }
          if deepest > depthOfInterest, firstTooDeep == nil { firstTooDeep = index }
        }
        index = reader.skipWhiteSpace(from: index &+ 1)
        if index < end, base[index] == close {
          index &+= 1
        } else {
          if depth == 0 { rootKind = valueKind }
          if depth == 1 {
            kind = valueKind
            start = valueStart
          }
          depth &+= 1
          stack.push(isObject: isObject)
          expected = isObject ? .firstName : .firstElement
          continue values
        }
      } else {
        guard let literal = JSONKind(literalBeginningWith: byte) else { throw reader.failure(expected, at: index) }
        valueKind = literal
        index = try reader.literalEnd(of: literal, from: index)
      }
      if depth == 0 { rootKind = valueKind }
      if depth == 1 {
        kind = valueKind
        start = valueStart
      }

      // A value ends at `index`; containers may end after it.
      while depth > 0 {
        let topIsObject = stack.topIsObject
        if depth == 1 {
          let value = JSONValue(kind: kind, range: start..<index)
          if topIsObject {
            children.add(JSONMember(name: name, nameIsEscaped: nameIsEscaped, value: value))
          } else {
            children.add(value)
          }
        }
        let valueEnd = index
        index = reader.skipWhiteSpace(from: index)
        guard index < end else { throw reader.failure(topIsObject ? .memberEnd : .elementEnd, at: index) }
        let byte = base[index]
        if byte == .comma {
          index = reader.skipWhiteSpace(from: index &+ 1)
          expected = topIsObject ? .nextName : .nextElement
          continue values
        }
        guard byte == (topIsObject ? .closeBrace : .closeBracket) else {
          throw reader.failure(topIsObject ? .memberEnd : .elementEnd, at: index, afterValueAt: valueEnd)
        }
        index &+= 1
        depth &-= 1
        stack.pop()
      }

      let root = JSONValue(kind: rootKind, range: rootStart..<index)
      let rest = reader.skipWhiteSpace(from: index)
      guard rest == end else { throw reader.failure(.nothing, at: rest, afterValueAt: index) }
      return Outcome(root: root, depth: deepest, firstTooDeep: firstTooDeep)
    }
  }
}

extension JSONKind {
  @inline(__always)
  fileprivate init?(literalBeginningWith byte: UInt8) {
    switch byte {
    case UInt8(ascii: "t"): self = .true
    case UInt8(ascii: "f"): self = .false
    case UInt8(ascii: "n"): self = .null
    default: return nil
    }
  }
}
