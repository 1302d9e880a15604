/// Eight bytes of a text at once, the first in the lowest bits.
struct Eight {
  let word: UInt64

  /// Reads eight bytes, all of which must exist; they need no alignment.
  @inline(__always)
  init(at pointer: UnsafePointer<UInt8>) {
    word = UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
  }

  static var spaces: UInt64 { 0x2020_2020_2020_2020 }

  /// Zero if all eight bytes are plain in a string, as defined by `isPlain`.
  ///
  /// Else the lowest bit set is the highest bit of the first byte that is not plain; bits above it mean nothing. Each
  /// subtraction sets a byte's high bit if it borrows: if the byte was a quote, a backslash, below 0x20, or had the bit
  /// before. A borrow only affects higher bytes, so the first is exact.
  @inline(__always)
  var specials: UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = (word ^ 0x2222_2222_2222_2222) &- ones
    let backslashes = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- ones
    let controls = word &- Self.spaces
    return (word | quotes | backslashes | controls) & 0x8080_8080_8080_8080
  }
}

/// Four bytes of a text at once, the first in the lowest bits.
struct Four {
  let word: UInt32

  /// Reads four bytes, all of which must exist; they need no alignment.
  @inline(__always)
  init(at pointer: UnsafePointer<UInt8>) {
    word = UInt32(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self))
  }

  static var `true`: UInt32 { 0x6575_7274 }
  static var alse: UInt32 { 0x6573_6C61 }
  static var null: UInt32 { 0x6C6C_756E }

  /// The length in bytes of the scalar beyond ASCII that they begin with (The Unicode Standard, table 3-7); 0 if there
  /// is none.
  @inline(__always)
  var scalarLength: Int {
    // 110xxxxx 10xxxxxx, above U+007F.
    if word & 0xC0E0 == 0x80C0 { return word & 0x1E != 0 ? 2 : 0 }
    // 1110xxxx 10xxxxxx 10xxxxxx: in the first six bits of the value, 0 is overlong, and 0xD8 and above a surrogate.
    if word & 0xC0_C0F0 == 0x80_80E0 {
      let high = word & 0x200F
      return high != 0 && high != 0x200D ? 3 : 0
    }
    // 11110xxx 10xxxxxx 10xxxxxx 10xxxxxx: from U+10000, and up to U+10FFFF.
    if word & 0xC0C0_C0F8 == 0x8080_80F0 {
      let inRange = word & 0x3007 != 0 && (word & 0x04 == 0 || word & 0x3003 == 0)
      return inRange ? 4 : 0
    }
    return 0
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether both hold the same bytes.
  @inline(__always)
  func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count, let left = baseAddress, let right = other.baseAddress else {
      return count == other.count
    }
    var index = 0
    while count &- index >= 8 {
      guard Eight(at: left + index).word == Eight(at: right + index).word else { return false }
      index &+= 8
    }
    while index < count {
      guard left[index] == right[index] else { return false }
      index &+= 1
    }
    return true
  }
}

extension UInt8 {
  /// Whether it needs no escape in a string: ASCII, but not a quote, a backslash or a control (RFC 8259, section 7).
  @inline(__always)
  var isPlain: Bool { self >= .space && self < 0x80 && self != .quote && self != .backslash }
}
