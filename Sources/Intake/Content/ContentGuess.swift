internal import Events

/// What a file seems to be, by its first bytes, if it is not what its inbox expects.
enum ContentGuess {
  /// How many bytes this requires.
  static let length = 4096

  /// What the bytes certainly are, but cannot be read as; nil if they may be JSON in the inbox's charset.
  ///
  /// - Parameters:
  ///   - bytes: The beginning of the file, decompressed if its name says that it is compressed.
  ///   - charset: The inbox's charset.
  ///   - isUnpacked: Whether it was decompressed.
  /// - Returns: What it is and what to do.
  static func certain(_ bytes: ArraySlice<UInt8>, _ charset: Charset, isUnpacked: Bool) -> Message? {
    if let packing = packing(bytes) {
      guard isUnpacked else { return packing.message }
      return Message(ContentMessage.packedTwice, ["format": .text(packing.format)])
    }
    guard charset.isUTF8, let wide = wideCharset(bytes) else { return nil }
    return Message(ContentMessage.wideCharset, ["name": .text(wide.uppercased()), "charset": .text(wide)])
  }

  /// What keeps a file from being imported, where no name and no setting says how to read it; nil if nothing does.
  static func ofExport(_ bytes: ArraySlice<UInt8>) -> Message? {
    if let packing = packing(bytes) { return Message(ImportMessage.packed, ["format": .text(packing.format)]) }
    guard let wide = wideCharset(bytes) else { return nil }
    return Message(ImportMessage.otherCharset, ["name": .text(wide.uppercased()), "charset": .text(wide)])
  }

  /// What `certain` says, and what the bytes may be once they have turned out not to be JSON.
  static func probable(_ bytes: ArraySlice<UInt8>, _ charset: Charset, isUnpacked: Bool) -> Message? {
    if let certain = certain(bytes, charset, isUnpacked: isUnpacked) { return certain }
    if !charset.isUTF8 {
      // UTF-8 would be converted to something else.
      let start = bytes.drop { isSpace($0) || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
      guard start.first == UInt8(ascii: "{") || start.first == UInt8(ascii: "["), !bytes.contains(0),
        charset.encoded(Array("{".utf8)) != Array("{".utf8)
      else { return nil }
      return Message(ContentMessage.utf8, ["charset": .text(charset.name)])
    }
    let start = bytes.drop { isSpace($0) }
    let text = String(decoding: start.prefix(64), as: UTF8.self).lowercased()
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      return Message(ContentMessage.html)
    }
    if text.hasPrefix("<") { return Message(ContentMessage.xml) }
    if text.hasPrefix("%pdf") { return Message(ContentMessage.pdf) }
    // '{' and '[' of IBM-1047, IBM-037 and IBM-500, among bytes that are mostly not ASCII.
    let isHigh = bytes.count { $0 >= 0x80 || $0 == 0x40 || $0 == 0x15 || $0 == 0x25 } * 2 >= bytes.count
    let head = bytes.first { $0 != 0x40 && $0 != 0x15 && $0 != 0x25 }
    if isHigh, let head, [0xC0, 0xAD, 0xBA, 0x4A].contains(head) {
      return Message(ContentMessage.ebcdic)
    }
    if !isUTF8(bytes) {
      return Message(ContentMessage.notUTF8)
    }
    return table(start)
  }

  /// Whether bytes are UTF-8, except for a character cut by the end of a part.
  static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
    for cut in 0...3 where cut <= bytes.count {
      if String(validating: bytes.dropLast(cut), as: UTF8.self) != nil { return true }
      guard bytes.count >= length else { return false }
    }
    return false
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  /// Archives and compressed files, by their first bytes.
  private static func packing(_ bytes: ArraySlice<UInt8>) -> (format: String, message: Message)? {
    func begins(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }
    func archive(_ format: String) -> (String, Message) {
      (format, Message(ContentMessage.archive, ["format": .text(format)]))
    }
    func packed(_ format: String) -> (String, Message) {
      (format, Message(ContentMessage.otherPacking, ["format": .text(format)]))
    }
    if begins([0x1F, 0x8B]) { return ("gzip", Message(ContentMessage.gzip)) }
    if begins([0x50, 0x4B, 0x03, 0x04]) { return archive("ZIP") }
    if begins([0x42, 0x5A, 0x68]), bytes.count > 3, (0x31...0x39).contains(bytes[bytes.startIndex + 3]) {
      return packed("bzip2")
    }
    if begins([0x28, 0xB5, 0x2F, 0xFD]) { return packed("zstd") }
    if begins([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) { return packed("xz") }
    if begins([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) { return archive("7z") }
    return nil
  }

  /// UTF-16 or UTF-32, by a byte order mark, or by the positions of zeros (RFC 4627, section 3).
  private static func wideCharset(_ bytes: ArraySlice<UInt8>) -> String? {
    let head = Array(bytes.prefix(4))
    if head.starts(with: [0xFF, 0xFE, 0x00, 0x00]) || head == [0x00, 0x00, 0xFE, 0xFF] { return "utf-32" }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "utf-16" }
    guard head.count == 4 else { return nil }
    switch head.map({ $0 == 0 }) {
    case [true, true, true, false]: return "utf-32be"
    case [false, true, true, true]: return "utf-32le"
    case [true, false, true, false]: return "utf-16be"
    case [false, true, false, true]: return "utf-16le"
    default: return nil
    }
  }

  /// Tables and settings, which begin with a word or a line of names.
  private static func table(_ bytes: ArraySlice<UInt8>) -> Message? {
    guard let first = bytes.first, !"{[\"-0123456789".utf8.contains(first) else { return nil }
    let line = bytes.prefix { $0 != 0x0A }
    for separator in [UInt8(ascii: ";"), UInt8(ascii: ","), 0x09]
    where line.count(where: { $0 == separator }) >= 2 && !line.contains(UInt8(ascii: ":")) {
      guard separator != 0x09 else { return Message(ContentMessage.tabTable) }
      return Message(ContentMessage.table, ["separator": .text(String(UnicodeScalar(separator)))])
    }
    return nil
  }
}

extension DropFailure {
  /// The same, with what the file seems to be.
  func naming(_ guess: Message?) -> DropFailure {
    guard let guess else { return self }
    var failure = self
    failure.message = Message(ContentMessage.seems, ["what": .message(guess), "why": .message(message)])
    return failure
  }
}
