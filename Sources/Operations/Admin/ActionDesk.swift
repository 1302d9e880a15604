package import Catalog
internal import Concurrency
internal import Digests
internal import Events
package import Failures
package import Logging
internal import Time

/// What a person may do from the page if `admin.actions` is on.
package struct AdminActions: Sendable {
  let layout: StoreLayout
  let inboxes: [Reprocessing.Inbox]
  let flush: @Sendable () async -> Void
  let logger: Logger

  /// - Parameters:
  ///   - layout: Where everything is.
  ///   - inboxes: Where reprocessed files go.
  ///   - logger: Reports who did what.
  ///   - flush: Ends all pauses of the daemon.
  package init(
    _ layout: StoreLayout, inboxes: [Reprocessing.Inbox], logger: Logger, flush: @escaping @Sendable () async -> Void
  ) {
    self.layout = layout
    self.inboxes = inboxes
    self.logger = logger
    self.flush = flush
  }
}

/// Shows what an action from the page would affect, and does it once a person has seen that; on its own thread.
actor ActionDesk {
  private let queue = SerialQueue(name: "actions")
  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private let actions: AdminActions
  /// At most this many files are shown.
  private static let shown = 20

  init(_ actions: AdminActions) {
    self.actions = actions
  }

  /// What an action would do.
  struct Preview {
    fileprivate var moves: [(from: String, to: String)] = []
    fileprivate var refusals: [(file: String, why: Message)] = []

    /// Stands for all of this: another preview with the same files has the same seal.
    var seal: String {
      let lines = (moves.map(\.from) + refusals.map(\.file)).joined(separator: "\0")
      return String(decoding: Digests.sha256Digits(Array(lines.utf8).span), as: UTF8.self)
    }

    fileprivate mutating func count(_ moves: FileMover.Moves) {
      if case .refused(let file, let why) = moves.record { refusals.append((file, why)) }
      switch moves.file {
      case .moved(let from, let to): self.moves.append((from, to))
      case .refused(let file, let why): refusals.append((file, why))
      case .gone, nil: break
      }
    }

    var json: JSONOutput {
      .object([
        ("count", .number(moves.count)),
        (
          "files",
          .array(moves.prefix(ActionDesk.shown).map { .object([("from", .text($0.from)), ("to", .text($0.to))]) })
        ), ("refusedCount", .number(refusals.count)),
        (
          "refused",
          .array(
            refusals.prefix(ActionDesk.shown).map {
              .object([("file", .text($0.file)), ("reason", .text($0.why.sentence(in: .en)))])
            })
        ), ("seal", .text(seal)),
      ])
    }
  }

  /// Finds out what it would do, and does nothing.
  ///
  /// - Throws: `StorageError`.
  func preview(_ wish: ActionWish) throws(StorageError) -> Preview { try go(through: wish, isRehearsal: true) }

  /// Does it.
  ///
  /// - Parameters:
  ///   - wish: What to do.
  ///   - seal: The seal of the preview that the person has seen.
  ///   - who: The name and the address of the person, as far as known.
  /// - Returns: What was done; nil if it would affect other files by now.
  /// - Throws: `StorageError`.
  func perform(_ wish: ActionWish, seal: String, by who: String) async throws(StorageError) -> Preview? {
    guard case .files(let action, _) = wish.what else {
      actions.logger.notice("a person asked from the page to flush", metadata: ["who": "\(who)"])
      await actions.flush()
      return Preview()
    }
    guard try preview(wish).seal == seal else { return nil }
    // Logged before it begins, whatever the outcome.
    actions.logger.notice(
      "a person moves files from the page",
      metadata: ["who": "\(who)", "action": "\(action.rawValue)", "which": "\(wish.which)"])
    let done = try go(through: wish, isRehearsal: false)
    actions.logger.notice(
      "files were moved from the page",
      metadata: [
        "who": "\(who)", "action": "\(action.rawValue)", "which": "\(wish.which)", "files": "\(done.moves.count)",
        "refused": "\(done.refusals.count)", "first": "\(done.moves.first?.from ?? "")",
        "last": "\(done.moves.last?.from ?? "")",
      ])
    return done
  }

  private func go(through wish: ActionWish, isRehearsal: Bool) throws(StorageError) -> Preview {
    var result = Preview()
    guard case .files(let action, let selection) = wish.what else { return result }
    let index = try EventIndex(actions.layout)
    let mover = FileMover(actions.layout, inboxes: actions.inboxes, index, isRehearsal: isRehearsal)
    for event in try selection.files(index) {
      if let moves = try mover.perform(action, on: event) { result.count(moves) }
    }
    return result
  }
}
