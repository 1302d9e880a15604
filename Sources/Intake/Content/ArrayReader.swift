internal import Events

/// The elements of a JSON array (RFC 8259, section 5), read one part at a time, or consecutive values without an array
/// around them.
///
/// It finds the end of each by brackets and quotes alone; whoever reads the element decides whether it is valid.
final class ArrayReader: SeveralReader {
  private enum Expectation {
    /// The array's `[`, optionally preceded by white space and a byte order mark.
    case beginning
    /// An element, or the end of an empty array.
    case firstElement
    case element
    case commaOrEnd
    /// Nothing but white space.
    case nothing
  }

  fileprivate enum Element {
    case text(isEscaped: Bool)
    /// A number, or one of JSON's words.
    case word
    case nested(depth: Int, isInText: Bool, isEscaped: Bool)
  }

  private let source: any ByteSource
  private let isStopping: @Sendable () -> Bool
  private var buffer: [UInt8] = []
  /// How far the buffer has been searched.
  private var position = 0
  private var isAtEnd = false
  private var expectation = Expectation.beginning
  /// The element that has begun, and where.
  private var open: (start: Int, element: Element)?
  private var index = 0
  /// How many bytes of the current element were skipped because it is too large.
  private var skipped = 0
  /// The place in the file where the buffer begins.
  private var place = FailurePlace(line: 1, column: 1, offset: 0)
  private static let chunk = 1 << 20
  private let limit: Int

  /// Whether the values follow each other, separated by white space or commas.
  private let isBare: Bool

  /// - Parameters:
  ///   - source: The file's bytes.
  ///   - limit: How much of an element is kept in memory; a larger one is skipped.
  ///   - isBare: Whether the values are not in an array.
  ///   - isStopping: Called for each part.
  init(
    _ source: any ByteSource, limit: Int = SeveralPart.leastLimit, isBare: Bool = false,
    until isStopping: @escaping @Sendable () -> Bool
  ) {
    self.source = source
    self.limit = limit
    self.isBare = isBare
    self.isStopping = isStopping
  }

  func next() throws(ContentError) -> SeveralPart? {
    while true {
      guard !isStopping() else { throw .stopped }
      if !isAtEnd {
        do throws(ContentError) {
          isAtEnd = try source.append(to: &buffer, atMost: Self.chunk) == 0
        } catch {
          throw error.after(events: index)
        }
      }
      if case .beginning = expectation, position == 0, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
      var ranges: [Range<Int>] = []
      while position < buffer.count {
        do throws(ContentError) {
          guard let range = try takeNext() else { continue }
          guard skipped == 0 else {
            defer { skipped = 0 }
            index += 1
            let size = skipped + range.count
            forget(upTo: range.upperBound)
            return .oversized(index: index, size: size)
          }
          ranges.append(range)
        } catch {
          // What precedes the mistake is returned first; then the mistake is found again.
          guard ranges.isEmpty else { break }
          throw error
        }
      }
      guard ranges.isEmpty else { return take(ranges) }
      if isAtEnd {
        if isBare, open == nil { return nil }
        guard case .nothing = expectation else {
          throw invalid(isBare ? .endInDocument : .endInArray, at: buffer.count)
        }
        return nil
      }
      if let start = open?.start {
        guard skipped > 0 || buffer.count - start > limit else { continue }
        skipped += position - start
        open?.start = position
      }
      forget(upTo: position)
    }
  }

  /// Returns elements with the bytes that contain them.
  private func take(_ ranges: [Range<Int>]) -> SeveralPart {
    let end = ranges.last?.upperBound ?? 0
    let bytes = Array(buffer[..<end])
    forget(upTo: end)
    defer { index += ranges.count }
    return .events(in: bytes, ranges, firstIndex: index + 1)
  }

  private func forget(upTo end: Int) {
    place = place(at: end)
    buffer.removeFirst(end)
    position -= end
    if let start = open?.start { open?.start = start - end }
  }

  /// Advances to the next significant place: a byte between elements, or the end of an element or of the buffer.
  ///
  /// - Returns: The element that ends there.
  private func takeNext() throws(ContentError) -> Range<Int>? {
    guard let (start, element) = open else {
      position = buffer.withUnsafeBufferPointer { bytes in
        var index = position
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        return index
      }
      guard position < buffer.count else { return nil }
      try takeBetween(buffer[position])
      position += 1
      return nil
    }
    var state: Element? = element
    position = buffer.withUnsafeBufferPointer { bytes in
      var index = position
      if case .word = element {
        // The byte after it is examined again, as one that follows the element.
        while index < bytes.count, !Self.endsWord(bytes[index]) { index += 1 }
        if index < bytes.count { state = nil }
        return index
      }
      while index < bytes.count, let next = state {
        state = next.following(bytes[index])
        index += 1
      }
      return index
    }
    guard let state else { return close(start..<position) }
    open = (start, state)
    return nil
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
  }

  private func close(_ range: Range<Int>) -> Range<Int> {
    open = nil
    expectation = .commaOrEnd
    return range
  }

  private func takeBetween(_ byte: UInt8) throws(ContentError) {
    if isBare {
      if byte == UInt8(ascii: ",") { return }
      guard let element = Element(beginningWith: byte) else { throw invalid(.documentMissing, at: position) }
      open = (position, element)
      return
    }
    switch (expectation, byte) {
    case (.beginning, UInt8(ascii: "[")): expectation = .firstElement
    case (.firstElement, UInt8(ascii: "]")), (.commaOrEnd, UInt8(ascii: "]")): expectation = .nothing
    case (.commaOrEnd, UInt8(ascii: ",")): expectation = .element
    case (.firstElement, _), (.element, _):
      guard let element = Element(beginningWith: byte) else { throw invalid(.elementMissing, at: position) }
      open = (position, element)
    case (.beginning, _):
      throw .drop(
        DropFailure(
          stage: .read, reason: .tooLarge,
          message: Message(ContentMessage.notAnArray)))
    case (.commaOrEnd, _): throw invalid(.elementComma, at: position)
    case (.nothing, _): throw invalid(.afterArray, at: position)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  private func place(at end: Int) -> FailurePlace {
    var (line, column) = (place.line, place.column)
    for byte in buffer[..<end] {
      if byte == 0x0A {
        (line, column) = (line + 1, 1)
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return FailurePlace(line: line, column: column, offset: place.offset + end)
  }

  private func invalid(_ why: DropMessage, at position: Int) -> ContentError {
    let place = place(at: position)
    return .drop(
      DropFailure(
        stage: .parse, reason: .invalidJSON,
        message: Message(
          DropMessage.invalidArray,
          ["why": .message(Message(why)), "line": .integer(place.line), "column": .integer(place.column)]),
        place: place))
  }
}

extension ArrayReader.Element {
  fileprivate init?(beginningWith byte: UInt8) {
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["): self = .nested(depth: 1, isInText: false, isEscaped: false)
    case UInt8(ascii: "\""): self = .text(isEscaped: false)
    case UInt8(ascii: ","), UInt8(ascii: "]"): return nil
    default: self = .word
    }
  }

  /// The element after another byte; nil if it ends with that.
  fileprivate func following(_ byte: UInt8) -> Self? {
    switch self {
    case .word: return self
    case .text(let isEscaped):
      if byte == UInt8(ascii: "\""), !isEscaped { return nil }
      return .text(isEscaped: byte == UInt8(ascii: "\\") && !isEscaped)
    case .nested(let depth, true, let isEscaped):
      if byte == UInt8(ascii: "\""), !isEscaped { return .nested(depth: depth, isInText: false, isEscaped: false) }
      return .nested(depth: depth, isInText: true, isEscaped: byte == UInt8(ascii: "\\") && !isEscaped)
    case .nested(let depth, false, _):
      switch byte {
      case UInt8(ascii: "\""): return .nested(depth: depth, isInText: true, isEscaped: false)
      case UInt8(ascii: "{"), UInt8(ascii: "["): return .nested(depth: depth + 1, isInText: false, isEscaped: false)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        return depth == 1 ? nil : .nested(depth: depth - 1, isInText: false, isEscaped: false)
      default: return self
      }
    }
  }
}
