internal import DurableFiles
internal import Events
internal import Threads

// While one portion waits for its barrier, the next one's records are written, and the store answers others. One event is
// in one hand at a time: no second portion that has it begins, for its identity could not be told from a record that has
// no name yet; and what is noted about an earlier writing of it is older than the next writing.
extension RecordStore {
  /// Waits until nobody has any of these events in hand, and takes them.
  ///
  /// - Returns: The portion's turn: portions get their names in the order in which they began.
  func beginCommit(of eventIds: [EventID]) async -> Int {
    while !writing.isDisjoint(with: eventIds) || !acknowledging.isDisjoint(with: eventIds) { await waitForAnother() }
    writing.formUnion(eventIds)
    turns.append((turns.last ?? 0) + 1)
    return turns[turns.count - 1]
  }

  /// Lets the next portion's records get their names.
  func endTurn(_ turn: Int) {
    turns.removeAll { $0 == turn }
    wakeThoseWhoWait()
  }

  func endCommit(_ turn: Int, of eventIds: [EventID]) {
    writing.subtract(eventIds)
    endTurn(turn)
  }

  /// Waits until all portions are done with that began before.
  func wait(for turn: Int) async {
    while let first = turns.first, first < turn { await waitForAnother() }
  }

  /// Waits until none of these events is being written.
  func waitUntilWritten(_ eventIds: [EventID]) async {
    while !writing.isDisjoint(with: eventIds) { await waitForAnother() }
  }

  func waitForAnother() async {
    await withCheckedContinuation { waitingForAnother.append($0) }
  }

  /// Lets those have the store who wait for it: a portion takes as long as many batches.
  ///
  /// - Parameter index: Which event of the portion is next; it is not asked before each.
  func letOthersGoFirst(before index: Int) async {
    if index % 16 == 15, thread.isAwaited { await Task.yield() }
  }

  func wakeThoseWhoWait() {
    for waiting in waitingForAnother { waiting.resume() }
    waitingForAnother.removeAll()
  }
}

extension RecordStore {
  /// Comes back once each of the store's threads has had a turn: one that hangs at a disk keeps it waiting.
  package func answer() async {
    for thread in [writingThread, barrierThread, namesThread, journalThread] { await thread.answer() }
  }
}

/// Waits for disks, so that the store can answer others meanwhile.
actor WaitingThread {
  private let thread: SerialThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(name: String) {
    thread = SerialThread(name: name)
  }

  private var answers = 0

  /// Comes back once what was begun before has ended.
  ///
  /// It counts, so that the way to this thread is not optimised away.
  @inline(never)
  func answer() { answers &+= 1 }

  /// Runs `body` on this thread.
  ///
  /// - Throws: What it throws, as the store's.
  func run<Result: Sendable>(_ body: @Sendable () throws(FileFailure) -> Result) throws(StoreError) -> Result {
    try StoreError.wrappingFiles(body)
  }
}
