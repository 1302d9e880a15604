internal import CShims
package import DurableFiles
package import Events
package import ExactJSON
package import Time

/// `forwards.jsonl`: a partition's acknowledgements, in order of arrival, one line per batch.
package struct ForwardJournal: Sendable {
  /// The name of its file.
  package static let name = FileName("forwards.jsonl")

  package let partition: Folder
  /// The permissions of a new one.
  package let mode: UInt32

  package init(partition: Folder, mode: UInt32) {
    self.partition = partition
    self.mode = mode
  }

  /// Appends lines; they are on disk when this returns.
  ///
  /// - Returns: The journal's new size in bytes.
  /// - Throws: `FileFailure`.
  package func append(_ entries: [ForwardEntry]) throws(FileFailure) -> Int {
    var isNew = true
    if let status = try partition.status(of: Self.name) {
      // Anything else of that name, such as a pipe, would swallow them.
      if status.kind == .regular { isNew = false } else { try partition.makeWay(for: Self.name) }
    }
    let file = try AppendedFile(Self.name, in: partition, mode: mode)
    try file.append(Array(entries.map(\.encoded).joined()))
    if isNew { try partition.sync() }
    return try file.size()
  }

  /// Reads what follows an offset, and calls `body` with each entry.
  ///
  /// Lines that are not entries are skipped: only `verify` is interested in them. A complete entry counts, whether or
  /// not its line is terminated.
  ///
  /// - Parameters:
  ///   - offset: Where to begin; at the beginning if the journal is now shorter than that.
  ///   - body: Called with each entry.
  /// - Returns: Where the last complete entry ends.
  /// - Throws: `FileFailure`.
  package func read(from offset: Int, _ body: (ForwardEntry) -> Void) throws(FileFailure) -> Int {
    guard let bytes = try contents() else { return 0 }
    var document = JSONDocument()
    var start = offset <= bytes.count ? offset : 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A)
      let entry = ForwardEntry(bytes[start..<(end ?? bytes.count)], using: &document)
      if let entry { body(entry) }
      guard end != nil || entry != nil else { break }
      start = end.map { $0 + 1 } ?? bytes.count
    }
    return start
  }

  /// When each event was last acknowledged, and where the last complete entry ends.
  ///
  /// - Throws: `FileFailure`.
  package func acknowledged() throws(FileFailure) -> (times: [EventID: Timestamp], end: Int) {
    var times: [EventID: Timestamp] = [:]
    let end = try read(from: 0) { entry in
      for eventId in entry.eventIds { times[eventId] = max(entry.forwardedAt, times[eventId] ?? entry.forwardedAt) }
    }
    return (times, end)
  }

  /// Its whole content; nil if there is no such file, or something else has its name.
  ///
  /// - Throws: `FileFailure`.
  package func contents() throws(FileFailure) -> [UInt8]? {
    guard try partition.status(of: Self.name)?.kind == .regular else { return nil }
    return try partition.read(Self.name, limit: .max - 1)
  }

  /// The entries that name an event, in order.
  ///
  /// Only lines that contain its eventId are parsed: a journal can have a million.
  ///
  /// - Throws: `FileFailure`.
  package func entries(naming eventId: EventID) throws(FileFailure) -> [ForwardEntry] {
    guard let bytes = try contents() else { return [] }
    var wanted: [UInt8] = []
    JSONText.appendQuoted(eventId.utf8, to: &wanted)
    // The form in journals written before invisible characters were escaped.
    var verbatim: [UInt8] = []
    JSONText.appendQuotedVerbatim(eventId.utf8, to: &verbatim)
    var document = JSONDocument()
    var entries: [ForwardEntry] = []
    for spelling in wanted == verbatim ? [wanted] : [verbatim, wanted] {
      var start = 0
      while let place = bytes.firstIndex(of: spelling, from: start) {
        let lineStart = bytes[start..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? start
        let end = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
        if let entry = ForwardEntry(bytes[lineStart..<end], using: &document), entry.eventIds.contains(eventId) {
          entries.append(entry)
        }
        start = end + 1
      }
    }
    return entries
  }

  /// Cuts off a line that a power cut has left incomplete: its acknowledgement was never counted.
  ///
  /// A complete last line without a newline gets one.
  ///
  /// - Parameter end: Where the last complete entry ends.
  /// - Returns: How many bytes were cut off, and how many remain.
  /// - Throws: `FileFailure`.
  package func mend(endOfLastLine end: Int) throws(FileFailure) -> (cut: Int, size: Int) {
    guard let status = try partition.status(of: Self.name), status.kind == .regular else { return (0, 0) }
    let file = try AppendedFile(Self.name, in: partition, mode: mode)
    if status.size > end { try file.truncate(to: end) }
    if try !file.isLineEnded() { try file.append([]) }
    return (max(status.size - end, 0), try file.size())
  }
}

/// A batch's acknowledgement, as far as it concerns one partition.
package struct ForwardEntry: Hashable, Sendable {
  package var batchId: String
  package var forwardedAt: Timestamp
  /// The status of the answer.
  package var status: Int
  package var eventIds: [EventID]

  package init(batchId: String, forwardedAt: Timestamp, status: Int, eventIds: [EventID]) {
    self.batchId = batchId
    self.forwardedAt = forwardedAt
    self.status = status
    self.eventIds = eventIds
  }

  fileprivate var encoded: [UInt8] {
    var line: [UInt8] = []
    line.append(contentsOf: #"{"batchId":"#.utf8)
    JSONText.appendQuoted(batchId.utf8, to: &line)
    line.append(contentsOf: #","forwardedAt":""#.utf8)
    forwardedAt.append(rfc3339To: &line)
    line.append(contentsOf: #"","status":\#(status),"eventIds":"#.utf8)
    var separator: UInt8 = 0x5B
    for eventId in eventIds {
      line.append(separator)
      separator = 0x2C
      JSONText.appendQuoted(eventId.utf8, to: &line)
    }
    line.append(contentsOf: eventIds.isEmpty ? "[]}\n".utf8 : "]}\n".utf8)
    return line
  }
}

extension ForwardEntry {
  /// The entry in a line, with or without its newline; nil if it is not one.
  package init?(_ line: ArraySlice<UInt8>, using document: inout JSONDocument) {
    let bytes = line.span
    guard (try? document.scan(bytes)) != nil, document.root.kind == .object else { return nil }
    var texts: [String: String] = [:]
    var status = 200
    var eventIds: [EventID]?
    for member in document.members {
      guard let name = JSONText.string(member.name, in: bytes) else { continue }
      switch (name, member.value.kind) {
      case ("eventIds", .array):
        var elements: [JSONValue] = []
        JSONText.elements(of: member.value, in: bytes, into: &elements)
        eventIds = elements.compactMap { element in
          element.kind == .string ? JSONText.string(element.withoutQuotes, in: bytes).map { EventID($0) } : nil
        }
      case ("status", .number):
        status =
          Int(
            String(
              decoding: line[
                (line.startIndex + member.value.range.lowerBound)..<(line.startIndex + member.value.range.upperBound)],
              as: UTF8.self)) ?? 200
      case (_, .string): texts[name] = JSONText.string(member.value.withoutQuotes, in: bytes)
      default: continue
      }
    }
    guard let batchId = texts["batchId"], let eventIds,
      let forwardedAt = texts["forwardedAt"].flatMap({ Timestamp(rfc3339: $0) })
    else { return nil }
    self.init(batchId: batchId, forwardedAt: forwardedAt, status: status, eventIds: eventIds)
  }
}

extension [UInt8] {
  /// The next occurrence of some bytes: memmem(3).
  fileprivate func firstIndex(of wanted: [UInt8], from start: Int) -> Int? {
    withUnsafeBytes { all -> Int? in
      guard start < all.count, let base = all.baseAddress else { return nil }
      let found = wanted.withUnsafeBytes {
        eventdrop_find(base + start, all.count - start, $0.baseAddress, $0.count)
      }
      return found.map { base.distance(to: $0) }
    }
  }
}
