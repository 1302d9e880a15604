internal import ArgumentParser
internal import EventStore
internal import Events
internal import Settings

/// The files that a command is to move: of one event or of one name, or all that match options.
struct Selection {
  var query: EventQuery
  /// An eventId, or the name of a file in `retry/` or `failed/`.
  var subject: String?
  /// Whether the query itself asks for failed files, so that a record does not stand for its event.
  var isNarrowed: Bool
  /// Whether only files in `retry/` and `failed/` are meant.
  var isOfFailures = false

  /// The files, the oldest first, as they came.
  ///
  /// - Throws: `StorageError`.
  func files(_ index: EventIndex) throws(StorageError) -> [ListedEvent] {
    guard let subject else { return try all(index).filter(isMeant) }
    let found = try index.files(of: EventID(subject)).filter(query.includes).filter(isMeant)
    guard !found.isEmpty else {
      let named = try EventIndex.fileName(subject).flatMap { name throws(StorageError) in try index.failure(named: name)
      }
      return [named?.0].compactMap(\.self).filter(query.includes)
    }
    if isNarrowed || isOfFailures { return found }
    // A record stands for its event; copies that failed come back only where there is none, the newest of them.
    return Array((found.first { $0.partition != nil } ?? found.max { $0.updatedAt < $1.updatedAt }).map { [$0] } ?? [])
  }

  private func isMeant(_ event: ListedEvent) -> Bool { !isOfFailures || event.partition == nil }

  private func all(_ index: EventIndex) throws(StorageError) -> [ListedEvent] {
    var query = query
    var found: [ListedEvent] = []
    while true {
      let page = try index.page(query)
      found += page.events
      guard let next = page.next else { break }
      query.cursor = next
    }
    return found.reversed()
  }
}
