internal import EventStore
internal import Events
internal import Threads

/// Answers questions about events over HTTP, on a thread of its own.
actor EventDesk {
  private let thread = SerialThread(name: "events")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let options: StoreOptions
  private var index: EventIndex?

  init(_ options: StoreOptions) {
    self.options = options
  }

  func page(_ query: EventQuery) throws(StoreError) -> JSONOutput { try openIndex().page(query).json }

  /// What the page shows by itself.
  enum Subject: Sendable {
    case event(String)
    /// A failed file, by its place in the list.
    case file(EventCursor)
  }

  /// All that is known about an event; nil where nothing is.
  func event(_ eventId: String) throws(StoreError) -> JSONOutput? { try openIndex().event(EventID(eventId))?.json }

  /// The same for the page: without the record, and of a failed file that has no eventId too.
  func account(of subject: Subject) throws(StoreError) -> JSONOutput? {
    switch subject {
    case .event(let id): try openIndex().event(EventID(id))?.json(withRecord: false)
    case .file(let cursor): try openIndex().failedFile(at: cursor)?.json(withRecord: false)
    }
  }

  /// An event's record as it is on disk; nil where it has none.
  func record(_ eventId: String) throws(StoreError) -> [UInt8]? { try openIndex().event(EventID(eventId))?.record }

  private func openIndex() throws(StoreError) -> EventIndex {
    if let index { return index }
    let opened = try EventIndex(options)
    index = opened
    return opened
  }
}
