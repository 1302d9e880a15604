internal import Catalog
internal import Events

/// Answers questions about events over HTTP.
struct EventDesk: Sendable {
  private let index: IndexDesk
  /// The language of texts for people.
  private let language: Language

  init(_ index: IndexDesk, language: Language) {
    self.index = index
    self.language = language
  }

  func page(_ query: EventQuery) async throws(StorageError) -> JSONOutput {
    try await index.ask { [language] index throws(StorageError) in try index.page(query).json(in: language) }.get()
  }

  /// What the page shows on its own.
  enum Subject: Sendable {
    case event(String)
    /// A failed file, by its place in the list.
    case file(EventCursor)
  }

  /// All that is known about an event; nil if nothing is.
  func event(_ eventId: String) async throws(StorageError) -> JSONOutput? {
    try await index.ask { [language] index throws(StorageError) in
      try index.event(EventID(eventId))?.json(in: language)
    }.get()
  }

  /// The same for the page: without the record, and also for a failed file without an eventId.
  func account(of subject: Subject) async throws(StorageError) -> JSONOutput? {
    try await index.ask { [language] index throws(StorageError) in
      switch subject {
      case .event(let id): try index.event(EventID(id))?.json(withRecord: false, in: language)
      case .file(let cursor): try index.failedFile(at: cursor)?.json(withRecord: false, in: language)
      }
    }.get()
  }

  /// An event's record as it is on disk; nil if it has none.
  func record(_ eventId: String) async throws(StorageError) -> [UInt8]? {
    try await index.ask { index throws(StorageError) in try index.event(EventID(eventId))?.record }.get()
  }
}
