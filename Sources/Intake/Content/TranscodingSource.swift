internal import CShims
internal import Events
internal import Glibc

/// Converts a legacy system's text to UTF-8: iconv(3).
///
/// NEL (U+0085), which ends EBCDIC's lines and is unknown to JSON, becomes a line feed.
final class TranscodingSource: ByteSource {
  private let source: any ByteSource
  private let charset: Charset
  private let converter: UnsafeMutableRawPointer
  /// What was read but not converted yet: the end of a part may cut a character.
  private var rest: [UInt8] = []
  private var isAtEnd = false
  private var isFlushed = false
  private let hasNextLine: Bool
  /// Whether a NEL inside a JSON string is kept; nil for lines, none of which continues after it.
  private var string: (isInside: Bool, isEscaped: Bool)?
  /// How many bytes were converted.
  private var offset = 0
  /// What was converted but not requested yet.
  private var spare: ArraySlice<UInt8> = []
  /// A smaller buffer may not hold the next character.
  private static let leastRoom = 64

  /// - Throws: `ContentError` if the system does not know the character set.
  init(_ source: any ByteSource, from charset: Charset, isLines: Bool) throws(ContentError) {
    guard let converter = eventdrop_iconv_open("utf-8", charset.name) else {
      throw .drop(
        DropFailure(
          stage: .read, reason: .invalidCharset,
          message: Message(ContentMessage.unknownCharset, ["charset": .text(charset.name)])))
    }
    self.source = source
    self.charset = charset
    self.converter = converter
    hasNextLine = charset.isEBCDIC
    string = isLines ? nil : (false, false)
  }

  deinit {
    eventdrop_iconv_close(converter)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int {
    guard buffer.count < Self.leastRoom || !spare.isEmpty else { return try convertNext(into: buffer) }
    if spare.isEmpty {
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.leastRoom, alignment: 16)
      defer { room.deallocate() }
      let count = try convertNext(into: room)
      spare = Array(room[..<count])[...]
    }
    let part = spare.prefix(buffer.count)
    buffer.copyBytes(from: part)
    spare = spare.dropFirst(part.count)
    return part.count
  }

  private func convertNext(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int {
    while true {
      if !isAtEnd, rest.count < 1 << 16 { isAtEnd = try source.append(to: &rest, atMost: 1 << 16) == 0 }
      guard !rest.isEmpty else { return flush(into: buffer) }
      let (taken, written, error) = convert(into: buffer)
      rest.removeFirst(taken)
      offset += taken
      if written > 0 { return hasNextLine ? replacingNextLines(buffer, written) : written }
      switch error {
      // The beginning of a character, whose rest has not been read yet.
      case EINVAL where !isAtEnd: continue
      case EINVAL: throw failure(Message(ContentMessage.charsetCut))
      case EILSEQ: throw failure(Message(ContentMessage.charsetInvalid, ["offset": .integer(offset)]))
      case E2BIG: throw failure(Message(ContentMessage.charsetLong, ["offset": .integer(offset)]))
      // A byte order mark alone produces no output.
      default: if taken == 0 { throw failure(Message(ContentMessage.charsetStuck, ["offset": .integer(offset)])) }
      }
    }
  }

  /// A zero byte is NUL in every charset, and none of it matters in a text that is not JSON anyway.
  func skipHole() -> Int {
    guard rest.isEmpty, spare.isEmpty else { return 0 }
    let count = source.skipHole()
    offset += count
    return count
  }

  private func convert(into buffer: UnsafeMutableRawBufferPointer) -> (taken: Int, written: Int, error: Int32) {
    rest.withUnsafeBytes { input in
      var from = input.baseAddress?.assumingMemoryBound(to: CChar.self)
      var to = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
      var (fromLeft, toLeft) = (input.count, buffer.count)
      errno = 0
      let result = eventdrop_iconv(converter, &from, &fromLeft, &to, &toLeft)
      return (input.count - fromLeft, buffer.count - toLeft, result == .max ? errno : 0)
    }
  }

  /// Replaces each NEL by a line feed; a character is never split between two parts.
  ///
  /// - Returns: How many bytes are left.
  private func replacingNextLines(_ buffer: UnsafeMutableRawBufferPointer, _ count: Int) -> Int {
    var target = 0
    var index = 0
    while index < count {
      var byte = buffer[index]
      if byte == 0xC2, index + 1 < count, buffer[index + 1] == 0x85, string?.isInside != true {
        byte = 0x0A
        index += 1
      }
      if let (isInside, isEscaped) = string {
        let isQuote = byte == UInt8(ascii: "\"") && !isEscaped
        string = (isInside != isQuote, isInside && byte == UInt8(ascii: "\\") && !isEscaped)
      }
      buffer[target] = byte
      target += 1
      index += 1
    }
    return target
  }

  /// What the converter has held back because a mark might have followed (windows-1258): iconv(3) without input.
  private func flush(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard !isFlushed else { return 0 }
    isFlushed = true
    var to = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
    var toLeft = buffer.count
    _ = eventdrop_iconv(converter, nil, nil, &to, &toLeft)
    return buffer.count - toLeft
  }

  private func failure(_ why: Message) -> ContentError {
    .drop(
      DropFailure(
        stage: .read, reason: .invalidCharset,
        message: Message(
          ContentMessage.notInCharset, ["charset": .text(charset.name), "why": .message(why)])))
  }
}
