/// An independent reading of RFC 8259, slow and recursive, written from the grammar and without any of the scanner's
/// code.
///
/// It returns where a text first leaves the grammar: nil for a valid text, the number of its bytes if it ends too
/// early, else the first byte that is not allowed, for invalid UTF-8 the first of the invalid sequence.
struct ReferenceValidator {
  private struct Failure: Error {
    var offset: Int
  }

  private let bytes: [UInt8]
  private let depthLimit: Int
  private var index = 0

  /// The parts of the root, in order: names and values.
  private(set) var parts: [Range<Int>] = []
  private(set) var deepest = 0

  init(_ bytes: [UInt8], depthLimit: Int = 512) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  mutating func failure() -> Int? {
    do {
      whiteSpace()
      try value(depth: 0)
      whiteSpace()
      if index < bytes.count { throw Failure(offset: index) }
      return nil
    } catch {
      return (error as? Failure)?.offset
    }
  }

  private func fail() -> Failure { Failure(offset: index) }

  private var next: Character? { index < bytes.count ? Character(Unicode.Scalar(bytes[index])) : nil }

  private mutating func whiteSpace() {
    let white: [Character] = ["\u{20}", "\u{9}", "\u{A}", "\u{D}"]
    while let character = next, white.contains(character) { index += 1 }
  }

  private mutating func take(_ wanted: Character) throws {
    guard next == wanted else { throw fail() }
    index += 1
  }

  private mutating func value(depth: Int) throws {
    switch next {
    case "{": try container(depth: depth + 1, close: "}", names: true)
    case "[": try container(depth: depth + 1, close: "]", names: false)
    case "\"": try string()
    case "t": for letter in "true" { try take(letter) }
    case "f": for letter in "false" { try take(letter) }
    case "n": for letter in "null" { try take(letter) }
    default: try number()
    }
  }

  private mutating func container(depth: Int, close: Character, names: Bool) throws {
    if depth > depthLimit { throw fail() }
    deepest = max(deepest, depth)
    index += 1
    whiteSpace()
    if next == close {
      index += 1
      return
    }
    while true {
      if names {
        let start = index
        try string()
        if depth == 1 { parts.append(start..<index) }
        whiteSpace()
        try take(":")
        whiteSpace()
      }
      let start = index
      try value(depth: depth)
      if depth == 1 { parts.append(start..<index) }
      whiteSpace()
      if next == close { break }
      try take(",")
      whiteSpace()
    }
    index += 1
  }

  private mutating func digits() throws {
    guard let first = next, "0123456789".contains(first) else { throw fail() }
    while let digit = next, "0123456789".contains(digit) { index += 1 }
  }

  private mutating func number() throws {
    if next == "-" { index += 1 }
    if next == "0" {
      index += 1
      if let digit = next, "0123456789".contains(digit) { throw fail() }
    } else {
      try digits()
    }
    if next == "." {
      index += 1
      try digits()
    }
    if next == "e" || next == "E" {
      index += 1
      if next == "+" || next == "-" { index += 1 }
      try digits()
    }
  }

  private mutating func string() throws {
    try take("\"")
    while true {
      guard index < bytes.count, bytes[index] >= 0x20 else { throw fail() }
      switch next {
      case "\"":
        index += 1
        return
      case "\\": try escape()
      default: try scalar()
      }
    }
  }

  private mutating func escape() throws {
    index += 1
    guard let letter = next, "\"\\/bfnrtu".contains(letter) else { throw fail() }
    index += 1
    guard letter == "u" else { return }
    for _ in 0..<4 {
      guard let digit = next, "0123456789abcdefABCDEF".contains(digit) else { throw fail() }
      index += 1
    }
  }

  /// Leaves UTF-8 to the standard library.
  private mutating func scalar() throws {
    let rest = bytes[index...].prefix(4)
    for length in 1...rest.count where String(validating: rest.prefix(length), as: UTF8.self) != nil {
      index += length
      return
    }
    // Cut off by the end, if any continuation would complete it.
    if rest.count < 4 {
      let continuations: [UInt8] = [0x80, 0x90, 0xA0]
      for first in continuations {
        for length in 1...3 {
          let longer = Array(rest) + [first] + Array(repeating: 0x80, count: length - 1)
          if longer.count <= 4, let text = String(validating: longer, as: UTF8.self), text.unicodeScalars.count == 1 {
            throw Failure(offset: bytes.count)
          }
        }
      }
    }
    throw fail()
  }
}
