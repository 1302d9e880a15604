internal import Digests

/// The name of an event's record: a function of the eventId alone, and valid on any file system.
///
/// It is the eventId, percent-encoded except `A–Z a–z 0–9 . _ -` (a leading dot is encoded too). If that exceeds 200
/// bytes, it is cut to 160 bytes, and `~` and 32 hex digits of the eventId's SHA-256 replace the rest; no other key
/// contains a `~`, so the two kinds never collide.
package struct EventKey: Hashable, Sendable {
  package let text: String

  package init(eventId: EventID) {
    guard !eventId.text.isPlainKey else {
      text = eventId.text
      return
    }
    let encoded = percentEncoded(eventId.text)
    guard encoded.count > 200 else {
      text = String(decoding: encoded, as: UTF8.self)
      return
    }
    let digest = Digests.sha256Digits(Array(eventId.utf8).span)
    text =
      String(decoding: encoded.prefix(160), as: UTF8.self) + "~" + String(decoding: digest.prefix(32), as: UTF8.self)
  }

  /// The eventId of this key; nil if it is cut, or not a key.
  package static func eventId(ofKey text: String) -> EventID? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        bytes.append(byte)
        continue
      }
      guard let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
      bytes.append(decoded)
      rest = rest.dropFirst(2)
    }
    guard let id = String(validating: bytes, as: UTF8.self).map({ EventID($0) }),
      EventKey(eventId: id).text.utf8.elementsEqual(text.utf8)
    else { return nil }
    return id
  }

  /// The record's file name.
  package var fileName: String { text + ".json" }
}

private func percentEncoded(_ text: String) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(text.utf8.count + 8)
  for byte in text.utf8 {
    if byte.isPlainInKey && !(byte == 0x2E && result.isEmpty) {
      result.append(byte)
    } else {
      result.append(0x25)
      result.append(hexadecimalDigit(byte >> 4))
      result.append(hexadecimalDigit(byte & 15))
    }
  }
  return result
}

extension String {
  /// Whether it is its own key: most are.
  fileprivate var isPlainKey: Bool {
    utf8.count <= 200 && utf8.first != 0x2E && utf8.allSatisfy(\.isPlainInKey)
  }
}

extension UInt8 {
  fileprivate var isPlainInKey: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D: true
    default: false
    }
  }
}

/// An upper-case hexadecimal digit, as in percent-encoding (RFC 3986, section 2.1).
private func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x41 + value - 10 }
