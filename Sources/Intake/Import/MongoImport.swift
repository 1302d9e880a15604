package import Catalog
package import DurableFiles
package import EventStore
package import Events
internal import ExactJSON
internal import Time

/// Imports a `mongoexport` of a collection of processed events, as already forwarded.
///
/// Each line is a document with `eventId`, `eventType`, `processedAt`, `data`, `createdAt` and `updatedAt`; its other
/// members become attributes. The output of `--jsonArray` and `--pretty` is read as well.
package struct MongoImport {
  /// The results so far.
  package struct Summary: Sendable {
    package var taken = 0
    package var duplicates = 0
    package var refused = 0
    /// How far the file has been read, in bytes.
    package var bytes = 0
  }

  private let store: RecordStore
  private let portion: Int
  private var reader: EventReader
  private var document = JSONDocument()
  private var name = DropName(bytes: [])
  private var waiting: [(line: Int, event: ImportedEvent)] = []
  private var summary = Summary()

  /// - Parameters:
  ///   - store: Where the events are stored.
  ///   - portion: The number of events per portion.
  package init(into store: RecordStore, portion: Int) {
    self.store = store
    self.portion = portion
    reader = EventReader(
      mapping: EventMapping(
        inbox: "import", eventId: Self.member("/eventId"), eventType: Self.member("/eventType"),
        data: Self.member("/data"), maxEventSize: Self.lineLimit))
  }

  /// A longer line is refused.
  private static let lineLimit = 64 << 20

  private static func member(_ pointer: String) -> [MemberSource] {
    [try? MemberSource(pointer)].compactMap(\.self)
  }

  /// Reads a file to its end.
  ///
  /// It can be run again on the same file, even after it was stopped: what has been imported is a duplicate.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - folder: Its folder.
  ///   - refuse: Called for documents that cannot be imported, with their line.
  ///   - progress: Called now and then with the progress.
  /// - Returns: The results; nil if the file does not exist.
  /// - Throws: `StorageError`.
  package mutating func run(
    _ file: FileName, in folder: Folder, refuse: (Int, Message) -> Void, progress: (Summary) -> Void
  ) async throws(StorageError) -> Summary? {
    let source: FileSource
    do throws(FileFailure) {
      guard let opened = try folder.open(file) else { return nil }
      source = FileSource(opened, until: { false })
    } catch {
      throw .files(error)
    }
    let lines: any SeveralReader
    do throws(ContentError) {
      lines = try Self.reader(source)
    } catch {
      switch error {
      case .stopped: return summary
      case .files(let failure): throw .files(failure)
      case .drop(let failure):
        refuse(0, failure.message)
        summary.refused += 1
        return summary
      }
    }
    name = DropName(bytes: file.bytes)
    let batchId = "import-" + name.text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    while true {
      let next: SeveralPart?
      do {
        next = try lines.next()
      } catch {
        switch error {
        case .stopped: next = nil
        case .files(let failure): throw .files(failure)
        case .drop(let failure):
          refuse(0, failure.message)
          summary.refused += 1
          next = nil
        }
      }
      guard let next else { break }
      guard case .events(let bytes, let ranges, let firstIndex) = next else {
        if case .oversized(let number, _) = next {
          refuse(number, Message(ImportMessage.tooLarge, ["mebibytes": .integer(Self.lineLimit >> 20)]))
        }
        summary.refused += 1
        continue
      }
      for (position, line) in ranges.enumerated() {
        let number = firstIndex + position
        do throws(Refusal) {
          guard let event = try read(bytes, line, number) else { continue }
          waiting.append((number, event))
        } catch {
          summary.refused += 1
          refuse(number, error.why)
        }
        if waiting.count >= portion { try await flush(batchId, refuse) }
      }
      summary.bytes += bytes.count
      progress(summary)
    }
    try await flush(batchId, refuse)
    progress(summary)
    return summary
  }

  /// The documents of an export, in any of mongoexport's layouts.
  private static func reader(_ source: FileSource) throws(ContentError) -> any SeveralReader {
    let (start, whole) = try source.peek(1 << 16)
    if let guess = ContentGuess.ofExport(start[...]) {
      throw .drop(DropFailure(stage: .read, reason: .invalidJSON, message: guess))
    }
    let blanks: [UInt8] = [0x20, 0x09, 0x0D, 0x0A]
    let text = start.drop { blanks.contains($0) || [0xEF, 0xBB, 0xBF].contains($0) }
    if text.first == UInt8(ascii: "[") { return ArrayReader(whole, until: { false }) }
    var line = text.prefix { $0 != 0x0A }
    while let last = line.last, blanks.contains(last) || last == UInt8(ascii: ",") { line.removeLast() }
    // A document that continues on the next line was formatted for people.
    let isLaidOut = line.first == UInt8(ascii: "{") && line.last != UInt8(ascii: "}") && text.count > line.count
    return isLaidOut
      ? ArrayReader(whole, isBare: true, until: { false })
      : LineReader(whole, limit: Self.lineLimit, until: { false })
  }

  private mutating func flush(_ batchId: String, _ refuse: (Int, Message) -> Void) async throws(StorageError) {
    guard !waiting.isEmpty else { return }
    let outcomes = try await store.take(over: waiting.map(\.event), batchId: batchId)
    for (entry, outcome) in zip(waiting, outcomes) {
      switch outcome {
      case .stored: summary.taken += 1
      case .duplicate: summary.duplicates += 1
      case .held:
        summary.refused += 1
        refuse(entry.line, Message(StatusMessage.fleetAway))
      case .conflict(let failure):
        summary.refused += 1
        refuse(entry.line, failure.message)
      }
    }
    waiting.removeAll(keepingCapacity: true)
  }

  private struct Refusal: Error {
    var why: Message

    init(_ why: Message) { self.why = why }

    init(_ code: ImportMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) {
      why = Message(code, arguments)
    }
  }

  /// Reads a document; nil for the brackets of an array.
  private mutating func read(_ bytes: [UInt8], _ line: Range<Int>, _ number: Int) throws(Refusal) -> ImportedEvent? {
    var text = bytes[line]
    let blanks: [UInt8] = [0x20, 0x09, 0x0D, UInt8(ascii: ",")]
    while let last = text.last, blanks.contains(last) { text.removeLast() }
    while let first = text.first, blanks.contains(first) || first == UInt8(ascii: "[") { text.removeFirst() }
    if text.last == UInt8(ascii: "]") { text.removeLast() }
    while let last = text.last, blanks.contains(last) { text.removeLast() }
    guard !text.isEmpty else { return nil }
    let content = Array(text)
    do {
      try document.scan(content.span)
    } catch {
      throw Refusal(.invalidJSON, ["why": .message(error.message), "offset": .integer(error.offset)])
    }
    guard document.root.kind == .object else { throw Refusal(.noObject) }
    var times: [String: Timestamp] = [:]
    var plain: [UInt8] = [UInt8(ascii: "{")]
    for member in document.members {
      guard let name = JSONText.string(member.name, in: content.span) else { throw Refusal(.noName) }
      if ["processedAt", "createdAt", "updatedAt"].contains(name) {
        guard member.value.kind != .null else { continue }
        guard let time = ExtendedJSON.time(member.value, of: content.span) else {
          throw Refusal(.noDate, ["member": .text(name)])
        }
        times[name] = time
        continue
      }
      if plain.count > 1 { plain.append(UInt8(ascii: ",")) }
      JSONText.appendQuotedVerbatim(name.utf8, to: &plain)
      plain.append(UInt8(ascii: ":"))
      ExtendedJSON.append(member.value, of: content.span, to: &plain)
    }
    plain.append(UInt8(ascii: "}"))
    guard let processedAt = times["processedAt"] ?? times["createdAt"] else {
      throw Refusal(.noTime)
    }
    let day = store.options.layout.timeZone.date(of: processedAt)
    guard (1...9999).contains(day.year) else {
      throw Refusal(
        .noDay, ["day": .text(day.description), "zone": .text(store.options.layout.timeZone.identifier)])
    }
    switch reader.item(in: plain, 0..<plain.count, named: name, index: number) {
    case .failed(let item):
      // An inbox's settings, which the sentences for drops advise, do not count here.
      switch item.failure.reason {
      case .missingEventId: throw Refusal(.noMember, ["member": "eventId"])
      case .missingEventType: throw Refusal(.noMember, ["member": "eventType"])
      default: throw Refusal(item.failure.message)
      }
    case .event(let event):
      return ImportedEvent(
        event, processedAt: processedAt, createdAt: times["createdAt"] ?? processedAt,
        updatedAt: times["updatedAt"] ?? processedAt)
    }
  }
}
