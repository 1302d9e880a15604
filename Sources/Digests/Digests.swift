internal import CLibCrypto

/// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), from the system's libcrypto.
package enum Digests {
  private static let length = Int(SHA256_DIGEST_LENGTH)

  /// The SHA-256 of some bytes.
  ///
  /// - Parameter bytes: What to hash; it may be empty.
  /// - Returns: 32 bytes.
  package static func sha256(_ bytes: Span<UInt8>) -> [UInt8] {
    bytes.withUnsafeBufferPointer { bytes in
      [UInt8](unsafeUninitializedCapacity: length) { digest, count in
        _ = SHA256(bytes.baseAddress, bytes.count, digest.baseAddress)
        count = length
      }
    }
  }

  /// The SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
  ///
  /// - Parameter bytes: What to hash; it may be empty.
  /// - Returns: The digits, in ASCII.
  package static func sha256Digits(_ bytes: Span<UInt8>) -> [UInt8] { hexadecimal(sha256(bytes)) }

  /// The HMAC-SHA-256 of a message.
  ///
  /// - Parameters:
  ///   - message: What to authenticate.
  ///   - key: The secret, of any length.
  /// - Returns: 32 bytes.
  package static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { code, count in
      // A null key of length 0 is an empty key (HMAC(3ssl)).
      let result = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, code.baseAddress, nil)
      precondition(result != nil, "libcrypto has no memory for an HMAC, or its configuration forbids SHA-256")
      count = length
    }
  }

  /// Bytes as lower-case hexadecimal digits, in ASCII.
  package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * length)
    for byte in bytes {
      digits.append(digit(byte >> 4))
      digits.append(digit(byte & 15))
    }
    return digits
  }

  /// The bytes that hexadecimal digits of either case stand for; nil if the text is anything else.
  package static func bytes(ofHexadecimal text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let high = rest.popFirst() {
      guard let low = rest.popFirst(), let high = value(ofDigit: high), let low = value(ofDigit: low) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}
