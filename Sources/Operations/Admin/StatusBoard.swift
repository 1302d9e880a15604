internal import DurableFiles
package import EventStore
package import Forwarding
package import Schedules
package import Settings
internal import SystemPackage
internal import Threads

/// Looks at the folders and the catalog for those who watch a running daemon, on a thread of its own and at a pace that
/// leaves the daemon its processor.
package actor StatusBoard {
  private let thread = SerialThread(name: "status")
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let configuration: Configuration
  private let store: RecordStore
  nonisolated let forwarder: Forwarder?
  nonisolated let clock: any WallClock
  private let dueTimes: DueTimes
  private var index: EventIndex?
  private var folders = Paced<FolderCounts>(atLeast: .seconds(1))
  private var backlog = Paced<StoreSnapshot>(atLeast: .seconds(1))
  private var partitions = Paced<[StoreSnapshot.Partition]>(atLeast: .seconds(2))
  private var minutes = Paced<[StoredMinute]>(atLeast: .seconds(2))
  private var obstacles = Paced<[String]>(atLeast: .seconds(2))
  /// The length of the plots by minutes.
  private static let history = Duration.seconds(3600)

  /// - Parameters:
  ///   - configuration: What the daemon works by.
  ///   - store: Its store.
  ///   - forwarder: Nil where events are only stored.
  ///   - clock: What time it is.
  ///   - dueTimes: When its services are due.
  package init(
    _ configuration: Configuration, store: RecordStore, forwarder: Forwarder?, clock: any WallClock, dueTimes: DueTimes
  ) {
    self.configuration = configuration
    self.store = store
    self.forwarder = forwarder
    self.clock = clock
    self.dueTimes = dueTimes
  }

  /// The same as `eventdrop status` tells.
  ///
  /// - Throws: `StoreError`.
  package func status() async throws(StoreError) -> Status {
    let forwarding = await forwarder?.status()
    let configuration = configuration
    let index = try openIndex()
    let counts = try folders.value(by: clock) { () throws(StoreError) in try FolderCounts(of: configuration) }
    var snapshot = try backlog.value(by: clock) { () throws(StoreError) in try index.backlog() }
    snapshot.partitions = try partitions.value(by: clock) { () throws(StoreError) in try index.partitions() }
    let records = snapshot.partitions.reduce(0) { $0 + $1.records }
    let pending = snapshot.partitions.reduce(0) { $0 + $1.pending }
    snapshot.forwarded = records - pending
    var due = dueTimes.all
    due["forward"] = forwarding?.nextTick
    var status = Status(of: configuration, now: clock.now(), folders: counts, store: snapshot, due: due)
    status.circuit = forwarding.map(CircuitState.init)
    return status
  }

  /// What was stored in each minute of the last hour.
  ///
  /// - Throws: `StoreError`.
  package func lastHour() throws(StoreError) -> [StoredMinute] {
    let index = try openIndex()
    let since = Timestamp(milliseconds: (clock.now() - Self.history).milliseconds / 60_000 * 60_000)
    return try minutes.value(by: clock) { () throws(StoreError) in try index.minutes(since: since) }
  }

  /// What keeps events from being stored: a full disk, folders that cannot be written; none where all is well.
  func storeObstacles() -> [String] {
    let (configuration, store) = (configuration, store)
    return obstacles.value(by: clock) { () throws(Never) in Self.obstacles(configuration, store) }
  }

  /// What is left of the file systems, by folder.
  func space() -> [(folder: String, space: FreeSpace)] {
    [("processed", configuration.folders.processed), ("state", configuration.folders.state)].compactMap { name, path in
      guard let space = try? Folder(at: path, files: SystemFiles()).space() else { return nil }
      return (name, space)
    }
  }

  private static func obstacles(_ configuration: Configuration, _ store: RecordStore) -> [String] {
    var found: [String] = []
    do {
      var room = try store.room()
      if !room.take(forDropOf: 1) { found.append("the disk is full: \(store.lackOfRoom)") }
    } catch {
      found.append("\(error)")
    }
    let paths = configuration.folders
    let folders =
      configuration.inboxes.map { ("inbox '\($0.name)'", $0.path) } + [
        ("processed", paths.processed), ("retry", paths.retry), ("failed", paths.failed), ("state", paths.state),
      ]
    for (name, path) in folders {
      do {
        // As records are made: a file without a name, which nobody sees and which leaves nothing behind.
        _ = try UnnamedFile(in: Folder(at: path, files: SystemFiles()), mode: 0o600)
      } catch  where error.errno != .noSpace {
        found.append("the folder \(name) cannot be written: \(error); \(error.advice)")
      } catch {
        continue
      }
    }
    return found
  }

  private func openIndex() throws(StoreError) -> EventIndex {
    if let index { return index }
    let opened = try EventIndex(store.options)
    index = opened
    return opened
  }
}

extension StatusBoard {
  /// Why the daemon does not do all that it should; empty where it does.
  package nonisolated func obstacles() async -> [String] {
    var reasons = await storeObstacles()
    if let status = await forwarder?.status() {
      if let interruption = status.interruption {
        reasons.append(
          "the circuit is open since \(interruption.since.rfc3339), nothing is forwarded: \(interruption.trouble)")
      }
      if status.isStoreFailing {
        reasons.append("the store does not take what became of forwarded events; see the log")
      }
    }
    return reasons
  }
}
