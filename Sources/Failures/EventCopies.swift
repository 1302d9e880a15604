package import Catalog
internal import DurableFiles
package import Events
internal import ExactJSON
package import Time

/// Copies of an event in `retry/` and `failed/`, next to a stored one.
///
/// A file from one inbox is superseded only by a drop in the same inbox; a drop in another inbox is a conflict. A copy
/// whose inbox is unknown is left alone.
package struct EventCopies {
  private let failures: Failures
  private let catalog: Catalog
  private let clock: any WallClock

  package init(_ failures: Failures, _ catalog: Catalog, clock: any WallClock) {
    self.failures = failures
    self.catalog = catalog
    self.clock = clock
  }

  /// Whether there may be any.
  package var mayExist: Bool { failures.mayExist }

  private struct Copy {
    var row: FailureRow
    var folder: FailureFolder
    /// Nil while the file is being retried.
    var status: FileStatus?
    var report: FailureReport?
    /// The inbox it came from, according to its report or, if it is a record, to itself; nil if unknown.
    var inbox: String?

    func isOfInbox(_ name: String) -> Bool { inbox.map { $0.utf8.elementsEqual(name.utf8) } ?? false }
    func isOfAnotherInbox(than name: String) -> Bool { inbox.map { !$0.utf8.elementsEqual(name.utf8) } ?? false }
  }

  /// The copies that can still become the event's record; those that are gone are forgotten.
  private func copies(of eventId: EventID) throws(StorageError) -> [Copy] {
    var copies: [Copy] = []
    for row in try StorageError.wrapping({ () throws(CatalogError) in try catalog.failures(ofEvent: eventId) }) {
      let folder = failures.folders.folder(row.place)
      let (status, isTried, report) = try StorageError.wrappingFiles {
        () throws(FileFailure) -> (FileStatus?, Bool, FailureReport?) in
        let status = try folder.folder.status(of: row.name)
        var isTried = false
        if status == nil, row.place == .retry { isTried = try failures.isTried(row.name) }
        return (status, isTried, try folder.report(of: row.name))
      }
      guard status != nil || isTried else {
        try failures.forget(row.name, in: folder)
        continue
      }
      // These remain what they were, whatever is stored: their own reasons say more.
      guard ![.conflict, .superseded, .corruptRecord, .orphaned].contains(row.reason) else { continue }
      copies.append(
        Copy(
          row: row, folder: folder, status: status, report: report,
          inbox: report.map(\.inbox).flatMap { $0.isEmpty ? nil : $0 } ?? inbox(ofRecord: row.name, in: folder)))
    }
    return copies
  }

  /// The inbox that a failed record names; nil if the file is not a record.
  private func inbox(ofRecord name: FileName, in folder: FailureFolder) -> String? {
    guard let bytes = (try? folder.folder.read(name, limit: recordSizeLimit)) ?? nil else { return nil }
    var document = JSONDocument()
    let inbox = (try? ProcessedEvent(bytes.span, using: &document))?.source.inbox
    return inbox.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The conflict of a drop with a failed event from another inbox; nil if there is none.
  ///
  /// - Throws: `StorageError`.
  package func conflict(with event: Event) throws(StorageError) -> DropFailure? {
    guard mayExist else { return nil }
    let copy = try copies(of: event.eventId).first { $0.isOfAnotherInbox(than: event.source.inbox) }
    guard let copy else { return nil }
    return .conflict(
      of: event,
      Message(
        DropMessage.conflictOfInboxes,
        [
          "eventId": .text(event.eventId.text), "inbox": .text(copy.inbox ?? ""),
          "file": .text(copy.folder.folder.pathText(of: copy.row.name)),
        ]))
  }

  /// Handles the copies of an event that has just been stored: those with the same data have served their purpose, the
  /// others from the same inbox need a person.
  ///
  /// - Returns: How many have moved from `retry/` to `failed/`.
  /// - Throws: `StorageError`.
  package func supersede(by event: Event) throws(StorageError) -> Int {
    var moved = 0
    for copy in try copies(of: event.eventId) where copy.isOfInbox(event.source.inbox) {
      // Its retry decides: it is a duplicate now, or a conflict.
      guard copy.status != nil else { continue }
      let isSame = hasSameData(copy, as: event)
      if isSame == true {
        try StorageError.wrappingFiles { () throws(FileFailure) in try copy.folder.folder.remove(copy.row.name) }
        try failures.forget(copy.row.name, in: copy.folder)
      } else {
        if try supersede(copy, by: event, hasOtherData: isSame == false) { moved += 1 }
      }
    }
    return moved
  }

  /// Whether a file is a record with the same type and data, or contains this very event; nil if unknown.
  private func hasSameData(_ copy: Copy, as event: Event) -> Bool? {
    guard let bytes = try? copy.folder.folder.read(copy.row.name, limit: recordSizeLimit) else { return nil }
    var document = JSONDocument()
    if let record = try? ProcessedEvent(bytes.span, using: &document) {
      return record.eventId == event.eventId && record.eventType.utf8.elementsEqual(event.eventType.utf8)
        && event.withData { JSONText.sameTokens(record.data, of: bytes.span, 0..<$0.count, of: $0) }
    }
    return bytes.trimmed.elementsEqual(event.ownBytes) ? true : nil
  }

  /// - Returns: Whether it has moved; one in `failed/` gets a new report.
  private func supersede(_ copy: Copy, by event: Event, hasOtherData: Bool) throws(StorageError) -> Bool {
    let (row, folder) = (copy.row, copy.folder)
    let now = clock.now()
    let failure = DropFailure(
      stage: .identity, reason: .superseded,
      message: .superseded(event.eventId, hasOtherData: hasOtherData),
      eventId: event.eventId, eventType: event.eventType)
    func report(_ name: FileName) -> FailureReport {
      FailureReport(
        file: name.description, failure: failure, attempts: copy.report?.attempts ?? 1,
        firstFailedAt: copy.report?.firstFailedAt ?? now, lastFailedAt: now, nextAttemptAt: nil,
        inbox: copy.report?.inbox ?? event.source.inbox, droppedAs: copy.report?.droppedAs)
    }
    if folder.place == .failed {
      try StorageError.wrappingFiles { () throws(FileFailure) in
        try folder.writeSidecar(report(row.name), for: row.name)
      }
      try failures.remember(FailureRow(place: .failed, name: row.name, eventId: event.eventId, reason: .superseded))
      return false
    }
    let got = try StorageError.wrappingFiles { () throws(FileFailure) in
      try failures.folders.failed.take(row.name, from: folder.folder, as: row.name, report: report)
    }
    try failures.forget(row.name, in: folder)
    guard let got else { return false }
    try failures.remember(FailureRow(place: .failed, name: got, eventId: event.eventId, reason: .superseded))
    return true
  }
}

extension DropFailure {
  /// The eventId of a drop belongs to another event.
  package static func conflict(of event: Event, _ message: Message) -> DropFailure {
    DropFailure(
      stage: .identity, reason: .conflict, message: message, eventId: event.eventId, eventType: event.eventType)
  }
}

extension [UInt8] {
  /// Without the white space around a JSON text (RFC 8259, section 2), and a byte order mark.
  fileprivate var trimmed: ArraySlice<UInt8> {
    var rest = starts(with: [0xEF, 0xBB, 0xBF]) ? self[3...] : self[...]
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
    while let first = rest.first, isSpace(first) { rest.removeFirst() }
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }
}
