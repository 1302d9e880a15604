internal import DurableFiles
internal import Events
internal import SystemPackage

/// The file with the rest of a file's bad events, one event per line; it has no name until it is complete.
final class RestFile {
  private let file: UnnamedFile
  private let folder: Folder
  private let encoder: CharsetEncoder
  /// What happened to the first.
  let first: DropFailure
  private(set) var count = 0
  private var buffer: [UInt8] = []
  private static let ending = ".rest.jsonl"

  init(_ file: UnnamedFile, in folder: Folder, charset: Charset, first: DropFailure) {
    self.file = file
    self.folder = folder
    self.first = first
    encoder = CharsetEncoder(charset)
  }

  /// Appends an event.
  ///
  /// - Throws: `FileFailure`, also if it would use reserved room.
  func append(_ part: BadParts.Part) throws(FileFailure) {
    count += 1
    // In valid JSON, a line break is white space. Elsewhere, a space could make it valid, with another meaning.
    let stand: UInt8 = part.failure.reason == .invalidJSON ? 0x1E : 0x20
    var line = part.bytes
    for index in line.indices where line[index] == 0x0A || line[index] == 0x0D { line[index] = stand }
    line.append(0x0A)
    buffer += encoder.encoded(line)
    if buffer.count >= 1 << 18 { try flush() }
  }

  private func flush() throws(FileFailure) {
    guard try folder.space().hasRoom(forFileOf: buffer.count) else {
      throw FileFailure("set events aside in", folder.path.spelled, .noSpace)
    }
    let bytes = buffer
    buffer = []
    try file.write(bytes.span)
  }

  /// All of it, written.
  ///
  /// - Throws: `FileFailure`.
  func complete() throws(FileFailure) -> UnnamedFile {
    if !buffer.isEmpty { try flush() }
    return file
  }

  /// The failure reported for all of them.
  var failure: DropFailure {
    var failure = first
    failure.place = nil
    failure.eventId = nil
    failure.eventType = nil
    failure.message = Message(
      DropMessage.severalTogether, ["count": .integer(count), "first": .message(first.message)])
    return failure
  }

  /// The name of a file's rest; a rest keeps its own.
  static func name(for file: FileName) -> FileName? { isName(file) ? file : file.appending(ending) }

  /// Whether a file is such a rest, under its intended name or the next free one (`a.jsonl.rest~2.jsonl`): what is
  /// still bad in it stays together.
  static func isName(_ name: FileName) -> Bool {
    guard name.hasSuffix(".jsonl") else { return false }
    var stem = name.bytes.dropLast(".jsonl".utf8.count)
    while let tilde = stem.lastIndex(of: UInt8(ascii: "~")), stem[(tilde + 1)...].areDigits { stem = stem[..<tilde] }
    return stem.suffix(".rest".utf8.count).elementsEqual(".rest".utf8)
  }
}

extension ArraySlice<UInt8> {
  /// Whether there is at least one digit, and nothing else.
  var areDigits: Bool { !isEmpty && allSatisfy { (0x30...0x39).contains($0) } }
}
