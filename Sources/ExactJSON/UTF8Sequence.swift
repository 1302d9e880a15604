/// What is found at a place in a text that should be UTF-8 (The Unicode Standard, table 3-7: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
enum UTF8Sequence: Equatable {
  /// One whole scalar, of this many bytes.
  case scalar(Unicode.Scalar, length: Int)
  /// The bytes end here, and more of them could have made a scalar.
  case cutOff
  /// These bytes, at least one, are not part of any scalar: a "maximal subpart", which `String(decoding:as:)` replaces
  /// by one U+FFFD.
  case illFormed(length: Int)

  /// Reads the sequence at `index`, which must be less than `bytes.count`.
  init(at index: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    let first = bytes[index]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0x00...0x7F:
      self = .scalar(Unicode.Scalar(first), length: 1)
      return
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
      length = 3
      if first == 0xE0 { second = 0xA0...0xBF }  // below: overlong
      if first == 0xED { second = 0x80...0x9F }  // above: surrogates
    case 0xF0...0xF4:
      length = 4
      if first == 0xF0 { second = 0x90...0xBF }  // below: overlong
      if first == 0xF4 { second = 0x80...0x8F }  // above: beyond U+10FFFF
    default:
      self = .illFormed(length: 1)
      return
    }
    // The lead byte has 7 bits of value less its length.
    var value = UInt32(first & (0x7F >> UInt8(length)))
    for step in 1..<length {
      let place = index + step
      guard place < bytes.count else {
        self = .cutOff
        return
      }
      let next = bytes[place]
      guard (step == 1 ? second : 0x80...0xBF).contains(next) else {
        self = .illFormed(length: step)
        return
      }
      value = value << 6 | UInt32(next & 0x3F)
    }
    guard let scalar = Unicode.Scalar(value) else {
      self = .illFormed(length: 1)
      return
    }
    self = .scalar(scalar, length: length)
  }
}
