internal import DurableFiles
internal import EventStore
internal import Events
internal import SystemPackage

/// A file some of whose events may not be stored yet.
final class OpenDrop {
  typealias Part = (index: Int, bytes: [UInt8], failure: DropFailure)

  let drop: ClaimedDrop
  var isFullyRead = false
  /// Whether it was removed, or set aside, or can go no further; and which.
  var isDone: Bool { outcome != nil }
  private(set) var outcome: DropEnd?
  /// Why the file as a whole, or the one event in it, failed.
  var failure: DropFailure?
  /// Why it cannot be read to its end, or let go.
  var hindrance: FileFailure?
  /// How many bytes something of it needs that there is no room for.
  var shortage: Int?
  /// Its events that failed and are not set aside yet.
  var parts: [Part] = []
  var partBytes = 0
  /// What has become of those before.
  var bad = BadEvents()
  /// How many of its events are on record.
  var goods = 0
  /// Where the rest of its bad events lies, under the file's own name where it is a rest itself.
  var restPlace: FailedPlace?

  /// The indices of its events that the store has, in order, and how many of these it has settled.
  private var given: [Int] = []
  private var settled = 0
  private let finish: (ClaimedDrop, DropEnd) -> Void

  /// - Parameters:
  ///   - drop: The file.
  ///   - finish: Told how it ended with it.
  init(_ drop: ClaimedDrop, finish: @escaping (ClaimedDrop, DropEnd) -> Void) {
    self.drop = drop
    self.finish = finish
  }

  /// How many of its events wait in a portion.
  var waiting: Int { given.count - settled }

  /// The index of the first of these.
  var firstWaiting: Int? { settled < given.count ? given[settled] : nil }

  /// An event of it has joined a portion.
  func give(_ index: Int) {
    if settled == given.count {
      given.removeAll(keepingCapacity: true)
      settled = 0
    }
    given.append(index)
  }

  /// The store has settled the first of these.
  func settleOne() { settled += 1 }

  /// An event of it leaves the portion that is being filled.
  func takeBack(_ index: Int) {
    if let place = given[settled...].lastIndex(of: index) { given.remove(at: place) }
  }

  func add(_ part: Part) {
    parts.append(part)
    partBytes += part.bytes.count
  }

  /// Says how it ended with it.
  func end(_ end: DropEnd) {
    outcome = end
    finish(drop, end)
  }
}

/// The events of a file that failed.
///
/// What they cost is bounded by what the file brought: the first become files of their own, the rest lie together in one
/// more, and where even that would be more than the file itself, they stay in it.
struct BadEvents {
  /// How many became files of their own.
  var alone = 0
  /// How many bytes were written for all of them.
  var bytes = 0
  /// Where the rest lies.
  var rest: RestFile?
  /// How many stay in the file, which is set aside as a whole.
  var left = 0
  var firstLeft: DropFailure?
  /// Where they went, for the log.
  var retried = 0
  var failed = 0
  var first: DropFailure?

  /// So many become files of their own.
  static let aloneLimit = 100
  /// What may be written for a small file that unpacks to a large one.
  private static let bytesLimit = 8 << 20

  var count: Int { alone + (rest?.count ?? 0) + left }

  /// Whether this much more may be written for a file of that size.
  func mayCost(_ more: Int, of size: Int) -> Bool { bytes + more <= max(size, Self.bytesLimit) }

  mutating func leave(_ failure: DropFailure) {
    left += 1
    if first == nil { first = failure }
    if firstLeft == nil { firstLeft = failure }
  }
}

/// The file in which the rest of a file's bad events lie together, an event a line; it has no name until it is complete.
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

  /// Puts an event behind the others.
  ///
  /// - Throws: `FileFailure`, also where it would take of the room that is kept back.
  func append(_ part: OpenDrop.Part) throws(FileFailure) {
    count += 1
    // In valid JSON, a line break is white space. Elsewhere, a space could make it valid, and other than it was.
    let stand: UInt8 = part.failure.reason == .invalidJSON ? 0x1E : 0x20
    var line = part.bytes
    for index in line.indices where line[index] == 0x0A || line[index] == 0x0D { line[index] = stand }
    line.append(0x0A)
    buffer += encoder.encoded(line)
    if buffer.count >= 1 << 18 { try flush() }
  }

  private func flush() throws(FileFailure) {
    guard try folder.space().hasRoom(forFileOf: buffer.count) else {
      throw FileFailure("set events aside in", folder.path.string, .noSpace)
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

  /// What is told of all of them.
  var failure: DropFailure {
    var failure = first
    failure.place = nil
    failure.eventId = nil
    failure.eventType = nil
    failure.message = Message(
      DropMessage.severalTogether, ["count": .integer(count), "first": .message(first.message)])
    return failure
  }

  /// The name of a file's rest; that of a rest is its own.
  static func name(for file: FileName) -> FileName? { isName(file) ? file : file.appending(ending) }

  /// Whether a file is such a rest, under the name that it should have or the next free one (`a.jsonl.rest~2.jsonl`): what is
  /// still bad of it stays together.
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
