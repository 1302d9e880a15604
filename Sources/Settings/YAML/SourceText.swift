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
  func problem() -> (message: Message, place: Place)? {
    guard bytes.count <= Self.sizeLimit else {
      return (Message(YAMLMessage.fileTooLarge, ["count": .integer(bytes.count)]), .start)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return (Message(YAMLMessage.noUTF8), place(of: bytes.count))
    }
    guard let refused = text.unicodeScalars.first(where: { !$0.isAllowedInYAML }) else { return nil }
    return (Self.message(for: refused), place(of: bytes.count) { $0 != refused })
  }

  private static func message(for refused: Unicode.Scalar) -> Message {
    switch refused {
    case "\u{FEFF}": Message(YAMLMessage.byteOrderMark)
    case "\u{2028}", "\u{2029}": Message(YAMLMessage.lineSeparator, ["code": .text(refused.hexadecimal)])
    default: Message(YAMLMessage.control, ["code": .text(refused.hexadecimal)])
    }
  }

  /// The character that cannot be seen, or is a space but not a plain one, where YAML expects only plain spaces; nil if
  /// there is none.
  ///
  /// - Parameter place: Where YAML cannot be read on: the cause is in this line, or in the indentation of an earlier one.
  /// - Returns: The character, and its place.
  func unseenCharacter(upTo place: Place) -> (character: UnseenCharacter, place: Place)? {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.unicodeScalars.split(
      maxSplits: place.line, omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
    for (index, line) in lines.prefix(place.line).enumerated().reversed() {
      let isLast = index == place.line - 1
      guard let (character, column) = Self.unseenCharacter(inStructureOf: line, isIndentationOnly: !isLast) else {
        continue
      }
      return (character, Place(line: index + 1, column: column))
    }
    return nil
  }

  private static func unseenCharacter(
    inStructureOf line: Substring.UnicodeScalarView, isIndentationOnly: Bool
  ) -> (character: UnseenCharacter, column: Int)? {
    var isIndentation = true
    var previous: Unicode.Scalar?
    for (offset, scalar) in line.enumerated() {
      // A comment follows.
      if scalar == "#", previous == nil || previous == " " { return nil }
      if let character = UnseenCharacter(scalar) {
        let isBehindSign = previous.map(":,[]{}\"'".unicodeScalars.contains) ?? false
        if isIndentation || (isBehindSign && !isIndentationOnly) { return (character, offset + 1) }
      } else if scalar != " ", scalar != "-" {
        isIndentation = false
      }
      previous = scalar
    }
    return nil
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
      case "\n", "\r", "\u{85}":
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
  /// The characters of YAML 1.1, section 5.1, without those that cannot be seen and that YAML does not read alike in its
  /// versions: a byte order mark, and two that end a line in YAML 1.1 alone (YAML 1.2.2, section 5.4).
  fileprivate var isAllowedInYAML: Bool {
    switch value {
    case 0x2028, 0x2029, 0xFEFF: false
    case 0x09, 0x0A, 0x0D, 0x85, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
