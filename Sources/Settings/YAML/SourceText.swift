internal import Events

/// The bytes of a configuration file, before YAML: their size, encoding and places.
struct SourceText {
  /// In bytes.
  static let sizeLimit = 1 << 20

  let bytes: [UInt8]

  /// A file's bytes.
  ///
  /// libyaml counts a byte order mark as a column, and so takes the first line for an indented one.
  init(bytes: [UInt8]) {
    self.bytes = Array(bytes.withoutByteOrderMark)
  }

  /// What is wrong with the bytes as such; nil if nothing is.
  ///
  /// The characters that YAML allows: YAML 1.1, section 5.1.
  func problem() -> (message: Message, place: Place)? {
    guard bytes.count <= Self.sizeLimit else {
      return (Message(YAMLMessage.fileTooLarge, ["count": .integer(bytes.count)]), .start)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return (Message(YAMLMessage.noUTF8), place(of: bytes.count))
    }
    guard let refused = text.unicodeScalars.first(where: { !$0.isAllowedInYAML }) else { return nil }
    let code = Message.Value.text(String(refused.value, radix: 16, uppercase: true))
    return (Message(YAMLMessage.control, ["code": code]), place(of: bytes.count) { $0 != refused })
  }

  /// The character at a place; nil if there is none.
  func character(at place: Place) -> Unicode.Scalar? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: place.line, omittingEmptySubsequences: false)
    guard lines.indices.contains(place.line - 1) else { return nil }
    return String(decoding: lines[place.line - 1], as: UTF8.self).unicodeScalars.dropFirst(place.column - 1).first
  }

  /// The place of a byte, or of the first invalid UTF-8 or unwanted character if that comes earlier.
  func place(of end: Int, while isWanted: (Unicode.Scalar) -> Bool = { _ in true }) -> Place {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var place = Place.start
    var offset = 0
    var previous: Unicode.Scalar?
    while offset < end {
      guard case .valid(let encoded) = parser.parseScalar(from: &iterator) else { break }
      let scalar = Unicode.UTF8.decode(encoded)
      guard isWanted(scalar) else { break }
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
        place.line += 1
        place.column = 1
      default: place.column += 1
      }
      previous = scalar
      offset += encoded.count
    }
    return place
  }
}

extension Unicode.Scalar {
  fileprivate var isAllowedInYAML: Bool {
    switch value {
    case 0x09, 0x0A, 0x0D, 0x85, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
