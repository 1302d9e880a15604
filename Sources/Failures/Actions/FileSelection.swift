package import Catalog
internal import Events

/// The files to be moved: of one event or of one name, or all that match options.
package struct FileSelection: Sendable {
  private let query: EventQuery
  /// An eventId, or the name of a file in `retry/` or `failed/`.
  private let subject: String?
  /// Whether the query itself requests failed files, so that a record does not stand for its event.
  private let isNarrowed: Bool
  /// Whether only files in `retry/` and `failed/` are meant.
  private let isOfFailures: Bool

  /// - Parameters:
  ///   - query: Which files.
  ///   - subject: An eventId, or the name of a file in `retry/` or `failed/`; nil: all that match the query.
  ///   - isNarrowed: Whether the query itself requests failed files, so that a record does not stand for its event.
  ///   - isOfFailures: Whether only files in `retry/` and `failed/` are meant.
  package init(query: EventQuery, subject: String?, isNarrowed: Bool, isOfFailures: Bool = false) {
    self.query = query
    self.subject = subject
    self.isNarrowed = isNarrowed
    self.isOfFailures = isOfFailures
  }

  /// The files, oldest first, in order of arrival.
  ///
  /// - Returns: The files.
  /// - Throws: `StorageError`.
  package func files(_ index: EventIndex) throws(StorageError) -> [ListedEvent] {
    guard let subject else { return try all(index).filter(isMeant) }
    let found = try index.files(of: EventID(subject)).filter(query.includes).filter(isMeant)
    guard !found.isEmpty else {
      return [try index.failure(named: subject)?.listed].compactMap(\.self).filter(query.includes)
    }
    if isNarrowed || isOfFailures { return found }
    // A record stands for its event; failed copies come back only if there is none, and only the newest.
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
