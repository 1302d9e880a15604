/// Writes JSON texts that look random, and damages them.
struct RandomJSON {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// A valid text.
  mutating func text() -> [UInt8] {
    var output: [UInt8] = []
    space(&output)
    value(&output, depth: 0)
    space(&output)
    return output
  }

  /// The text with one to four changes: bytes changed, removed, inserted, parts doubled, swapped or cut off.
  mutating func damaged(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
      let place = Int.random(in: 0..<text.count, using: &random)
      let other = Int.random(in: 0..<text.count, using: &random)
      let part = min(place, other)..<min(max(place, other), min(place, other) + 12)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: text[place] = .random(in: .min ... .max, using: &random)
      case 1: text[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: text.remove(at: place)
      case 3: text.insert(interestingByte(), at: place)
      case 4: text.insert(contentsOf: text[part], at: other)
      case 5: text.removeSubrange(part)
      case 6: text.swapAt(place, other)
      default: text.removeLast(min(text.count, Int.random(in: 1...6, using: &random)))
      }
    }
    return text
  }

  /// Bytes of JSON's alphabet in any order.
  mutating func noise() -> [UInt8] {
    (0..<Int.random(in: 0...24, using: &random)).map { _ in interestingByte() }
  }

  private mutating func interestingByte() -> UInt8 {
    let bytes =
      Array("\"\"\\{}[],,:: 0019-+.eEutrfalsn/b\n\t\r".utf8) + [
        0x00, 0x1F, 0x7F, 0x80, 0xA0, 0xBF, 0xC3, 0xE2, 0xED, 0xF0, 0xF4, 0xFF,
      ]
    return bytes[Int.random(in: 0..<bytes.count, using: &random)]
  }

  /// The same tokens, with other white space between them.
  mutating func respaced(_ tokens: [[UInt8]]) -> [UInt8] {
    var output: [UInt8] = []
    for token in tokens {
      space(&output)
      output += token
    }
    space(&output)
    return output
  }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  private mutating func space(_ output: inout [UInt8]) {
    guard chance(20) else { return }
    let white: [UInt8] = [0x20, 0x20, 0x20, 0x0A, 0x0D, 0x09]
    for _ in 0..<Int.random(in: 0...(chance(10) ? 40 : 3), using: &random) {
      output.append(white[Int.random(in: 0..<white.count, using: &random)])
    }
  }

  private mutating func value(_ output: inout [UInt8], depth: Int) {
    switch Int.random(in: 0..<(depth < 6 ? 10 : 6), using: &random) {
    case 0: output += Array("null".utf8)
    case 1: output += Array((chance(50) ? "true" : "false").utf8)
    case 2, 3: number(&output)
    case 4, 5: string(&output)
    case 6, 7: list(&output, "{", "}", depth, named: true)
    default: list(&output, "[", "]", depth, named: false)
    }
  }

  private mutating func list(
    _ output: inout [UInt8], _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ depth: Int, named: Bool
  ) {
    output.append(UInt8(ascii: open))
    space(&output)
    for index in 0..<Int.random(in: 0...4, using: &random) {
      if index > 0 {
        output.append(UInt8(ascii: ","))
        space(&output)
      }
      if named {
        string(&output)
        space(&output)
        output.append(UInt8(ascii: ":"))
        space(&output)
      }
      value(&output, depth: depth + 1)
      space(&output)
    }
    output.append(UInt8(ascii: close))
  }

  private mutating func digits(_ output: inout [UInt8], first: ClosedRange<UInt8>) {
    output.append(.random(in: first, using: &random))
    for _ in 0..<Int.random(in: 0...5, using: &random) { output.append(.random(in: 0x30...0x39, using: &random)) }
  }

  private mutating func number(_ output: inout [UInt8]) {
    if chance(30) { output.append(UInt8(ascii: "-")) }
    if chance(20) { output.append(UInt8(ascii: "0")) } else { digits(&output, first: 0x31...0x39) }
    if chance(30) {
      output.append(UInt8(ascii: "."))
      digits(&output, first: 0x30...0x39)
    }
    if chance(30) {
      output += Array(["e", "E", "e+", "E-"][Int.random(in: 0..<4, using: &random)].utf8)
      digits(&output, first: 0x30...0x39)
    }
  }

  private mutating func string(_ output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for _ in 0..<Int.random(in: 0...(chance(10) ? 60 : 12), using: &random) {
      switch Int.random(in: 0..<20, using: &random) {
      case 0: output += Array(#"\"\\\/\b\f\n\r\t"#.utf8).prefix(2 * Int.random(in: 1...8, using: &random))
      case 1:
        output += Array(
          (#"\u"# + ["0041", "d83D", "DE00", "0000", "fFfF"][Int.random(in: 0..<5, using: &random)]).utf8)
      case 2, 3:
        output += Array(["é", "€", "𝄞", "\u{7F}", "\u{10FFFF}", "東京"][Int.random(in: 0..<6, using: &random)].utf8)
      default: output.append(.random(in: 0x23...0x5B, using: &random))
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
