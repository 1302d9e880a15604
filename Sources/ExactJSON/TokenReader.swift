/// Reads the tokens of a JSON text: strings, numbers, literals, white space.
///
/// Every access is below `end`, which must be within the memory at `base`. The sum of an index and a small number
/// cannot overflow, because both lie within one allocation.
struct TokenReader {
  let base: UnsafePointer<UInt8>
  let end: Int

  /// The first place from `index` on that is not white space, or the end.
  @inline(__always)
  func skipWhiteSpace(from index: Int) -> Int {
    // Most tokens are followed directly by another.
    if index < end, base[index] > .space { return index }
    return skipLongWhiteSpace(from: index)
  }

  @inline(never)
  private func skipLongWhiteSpace(from start: Int) -> Int {
    var index = start
    while index < end {
      // Indentation: eight spaces at a time.
      while end &- index >= 8, Eight(at: base + index).word == Eight.spaces { index &+= 8 }
      guard index < end, base[index].isJSONWhiteSpace else { break }
      index &+= 1
    }
    return index
  }

  /// The closing quote of the string whose opening quote is before `start`.
  ///
  /// - Parameters:
  ///   - start: the place after the opening quote.
  ///   - escaped: set if the string contains a backslash.
  /// - Returns: the place of the closing quote.
  /// - Throws: at a byte that is not allowed in a string, and if the text ends in it.
  @inline(__always)
  func closingQuote(from start: Int, escaped: inout Bool) throws(JSONError) -> Int {
    var index = start
    while true {
      index = plainEnd(from: index)
      guard index < end else { throw failure(.character, at: index) }
      let byte = base[index]
      if byte == .quote { return index }
      if byte == .backslash {
        escaped = true
        index = try escapeEnd(from: index)
      } else if byte >= 0x80 {
        index = try nonASCIIEnd(from: index)
      } else {
        throw failure(.character, at: index)
      }
    }
  }

  /// The first place from `start` on whose byte is a quote, a backslash, a control or not ASCII; or the end.
  @inline(__always)
  func plainEnd(from start: Int) -> Int {
    var index = start
    while end &- index >= 8 {
      let special = Eight(at: base + index).specials
      if special != 0 { return index &+ special.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < end, base[index].isPlain { index &+= 1 }
    return index
  }

  /// The place after the escape whose backslash is at `start`.
  @inline(never)
  func escapeEnd(from start: Int) throws(JSONError) -> Int {
    let index = start &+ 1
    guard index < end else { throw failure(.escape, at: index) }
    switch base[index] {
    case .quote, .backslash, .slash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
      UInt8(ascii: "t"):
      return index &+ 1
    case UInt8(ascii: "u"):
      for place in (index &+ 1)..<(index &+ 5) {
        guard place < end, base[place].hexValue != nil else { throw failure(.hexDigit, at: place) }
      }
      return index &+ 5
    default:
      throw failure(.escape, at: index)
    }
  }

  /// The place after the run of scalars beyond ASCII that begins at `start`.
  @inline(never)
  func nonASCIIEnd(from start: Int) throws(JSONError) -> Int {
    var index = start
    while end &- index >= 4 {
      let length = Four(at: base + index).scalarLength
      guard length > 0 else { break }
      index &+= length
    }
    // The last bytes, invalid ones, and ASCII again.
    while index < end, base[index] >= 0x80 {
      switch UTF8Sequence(at: index, in: UnsafeBufferPointer(start: base, count: end)) {
      case .scalar(_, let length): index &+= length
      case .cutOff: throw failure(.character, at: end)
      case .illFormed: throw JSONError(.invalidUTF8(base[index]), at: index)
      }
    }
    return index
  }

  /// The place after the number whose first byte, a digit or a minus, is at `start`.
  @inline(__always)
  func numberEnd(from start: Int) throws(JSONError) -> Int {
    var index = start
    if base[index] == .minus { index &+= 1 }
    if index < end, base[index] == .zero {
      index &+= 1
      guard index == end || !base[index].isDigit else { throw failure(.noDigitAfterZero, at: index) }
    } else {
      index = try digitsEnd(from: index, .digitAfterMinus)
    }
    guard index < end else { return index }
    if base[index] == .point {
      index = try digitsEnd(from: index &+ 1, .digitAfterPoint)
      guard index < end else { return index }
    }
    if base[index] | 0x20 == UInt8(ascii: "e") {
      index &+= 1
      if index < end, base[index] == .plus || base[index] == .minus { index &+= 1 }
      index = try digitsEnd(from: index, .digitAfterExponent)
    }
    return index
  }

  /// The place after the digits, at least one, that begin at `start`.
  @inline(__always)
  private func digitsEnd(from start: Int, _ expected: Expectation) throws(JSONError) -> Int {
    var index = start
    while index < end, base[index].isDigit { index &+= 1 }
    guard index > start else { throw failure(expected, at: index) }
    return index
  }

  /// The place after the literal, of which only the first byte, at `start`, has been checked.
  @inline(__always)
  func literalEnd(of kind: JSONKind, from start: Int) throws(JSONError) -> Int {
    let from = kind == .false ? start &+ 1 : start
    let word = kind == .true ? Four.true : kind == .false ? Four.alse : Four.null
    guard end &- from >= 4, Four(at: base + from).word == word else { throw literalFailure(kind, from: start) }
    return from &+ 4
  }

  @inline(never)
  private func literalFailure(_ kind: JSONKind, from start: Int) -> JSONError {
    var index = start
    for byte in "\(kind)".utf8 {
      guard index < end, base[index] == byte else { break }
      index &+= 1
    }
    return failure(.literal(kind), at: index)
  }

  /// The error for the byte at `index`, or for the end, if `expected` is required there.
  @inline(never)
  func failure(_ expected: Expectation, at index: Int) -> JSONError {
    guard index < end else { return JSONError(.end(expected: expected), at: end) }
    let byte = base[index]
    switch UTF8Sequence(at: index, in: UnsafeBufferPointer(start: base, count: end)) {
    case .scalar(let scalar, _): return JSONError(.found(byte, scalar, expected: expected), at: index)
    case .cutOff, .illFormed: return JSONError(.invalidUTF8(byte), at: index)
    }
  }

  /// The same after a value, to which the byte may have been meant to belong, as in `0x1F`.
  @inline(never)
  func failure(_ expected: Expectation, at index: Int, afterValueAt valueEnd: Int) -> JSONError {
    if index < end, index == valueEnd, index > 0, base[index - 1].isDigit {
      let byte = base[index]
      if byte.isLetter || byte == .point || byte == .plus || byte == .minus { return failure(.numberEnd, at: index) }
    }
    return failure(expected, at: index)
  }
}
