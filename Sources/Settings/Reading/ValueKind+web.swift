internal import Events

/// What `String.hostAndPort` and `String.portNumber` accept, as far as a pattern can express it.
let hostPattern = "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])"
let portPattern = "([0-9]{1,4}|[0-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

extension ValueKind where Value == WebAddress {
  /// An address with one of these schemes.
  static func webAddress(ports: [String: Int]) -> Self {
    let example = ports["socks5"] == nil ? "https://n8n.example.com/webhook/events" : "http://proxy.example.com:3128"
    // It can contain a password.
    let schemes = ports.keys.sorted().map { $0.map { "[\($0.uppercased())\($0)]" }.joined() }.joined(separator: "|")
    let others = "A-Za-z0-9._~:/?\\[\\]@!$&'()*+,;=%-"
    let form = ValueForm.pattern(
      "^(\(schemes))://([^\\s/?#]*@)?\(hostPattern)(:(?!0+$|0+[/?])\(portPattern))?([/?][\(others)]*)?$|^$")
    return ValueKind(expectation: .expected(.address, ["example": .text(example)]), isSecret: true, form: form) {
      text throws(ValueMistake) in
      do throws(WebAddressError) {
        return try WebAddress(text, ports: ports)
      } catch {
        throw ValueMistake(reason: error.message(example: example, schemes: ports.keys.sorted()))
      }
    }
  }
}

extension ValueKind where Value == Secret {
  /// Any text.
  static func secret(_ expectation: ExpectationMessage) -> Self {
    ValueKind(expectation: .expected(expectation), isSecret: true) { text throws(ValueMistake) in Secret(text) }
  }

  /// A text for a header, and so without line breaks (RFC 9110, section 5.5).
  private static func sentSecret(_ expectation: ExpectationMessage, _ lines: ValueMessage) -> Self {
    ValueKind(expectation: .expected(expectation), isSecret: true, form: .line(atMost: nil)) {
      text throws(ValueMistake) in
      guard !text.hasControlCharacter else { throw ValueMistake(lines) }
      return Secret(text)
    }
  }

  static var token: Self { sentSecret(.token, .tokenLines) }

  static var password: Self { sentSecret(.password, .passwordLines) }

  static var headerValue: Self { sentSecret(.headerValue, .headerValueLines) }

  /// `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks 1.0).
  static var signingSecret: Self {
    ValueKind(
      expectation: .expected(.signingSecret), isSecret: true, form: .pattern("^(whsec_[A-Za-z0-9+/]{30,86}={0,2})?$")
    ) { text throws(ValueMistake) in
      guard text.hasPrefix("whsec_"), let count = text.utf8.dropFirst(6).base64ByteCount, (24...64).contains(count)
      else {
        throw ValueMistake()
      }
      return Secret(text)
    }
  }
}

extension ValueKind where Value == String {
  /// The user of basic authentication (RFC 7617, section 2).
  static var user: Self {
    ValueKind(expectation: .expected(.user), form: .pattern(#"^[^:\#(controlClass)]*$"#)) {
      text throws(ValueMistake) in
      guard !text.hasControlCharacter, !text.utf8.contains(UInt8(ascii: ":")) else {
        throw ValueMistake(.user)
      }
      return text
    }
  }

  /// A header's name (RFC 9110, section 5.6.2).
  static var headerName: Self {
    ValueKind(
      expectation: .expected(.headerName),
      form: .pattern(
        "^(?!([Cc]ontent-([Ll]ength|[Tt]ype)|[Hh]ost|[Tt]ransfer-[Ee]ncoding|[Cc]onnection|[Ii]dempotency-[Kk]ey"
          + "|[Uu]ser-[Aa]gent)$)[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
    ) { text throws(ValueMistake) in
      let isName = text.utf8.allSatisfy { $0.isAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains($0) }
      guard isName, !text.isEmpty else { throw ValueMistake() }
      let own = [
        "content-length", "content-type", "host", "transfer-encoding", "connection", "idempotency-key", "user-agent",
      ]
      guard !own.contains(text.lowercased()) else {
        throw ValueMistake(.ownHeader)
      }
      return text
    }
  }
}

extension ValueKind where Value == Compression {
  static var compression: Self {
    let range = 0...(1 << 30)
    let size = ValueKind<Int>.size(in: range)
    return ValueKind(expectation: .expected(.compression), isQuotable: true, form: .sizeOrOff(range)) {
      text throws(ValueMistake) in
      text == "off" ? .off : .above(try size.read(text))
    }
  }
}

extension Substring.UTF8View {
  /// The number of bytes of this base64 text (RFC 4648, section 4); nil if it is invalid.
  fileprivate var base64ByteCount: Int? {
    let padding = reversed().prefix { $0 == UInt8(ascii: "=") }.count
    let digits = dropLast(padding)
    guard digits.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }),
      count % 4 == 0, padding <= 2
    else { return nil }
    return digits.count * 3 / 4
  }
}
