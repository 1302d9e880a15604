internal import CShims
internal import Glibc
internal import Synchronization

/// Threads that are lent for one piece of work at a time.
///
/// A few are enough for work that blocks for moments. If all are busy, work waits for a free one, but only for a
/// moment: then another thread is started, so that a hung call delays nothing else. A thread that stays idle for a
/// while ends.
final class SharedThreads: Sendable {
  static let all = SharedThreads()

  struct Work: Sendable {
    var name: String
    var body: @Sendable () -> Void
  }

  private struct State {
    /// The idle threads; the one used last is taken first, so that the others can end.
    var idle: [SharedThread] = []
    var busy = 0
    /// Oldest first.
    var waiting: [Work] = []
    /// How many pieces of work have left the queue.
    var begun = 0
    var isWatched = false

    mutating func takeFirst() -> Work? {
      guard !waiting.isEmpty else { return nil }
      begun += 1
      return waiting.removeFirst()
    }
  }

  private let state = Mutex(State())
  /// This many threads are started without waiting.
  private static let few = 8
  /// The longest that work waits for a thread, in microseconds.
  private static let patience: useconds_t = 20_000

  /// Runs work on a thread.
  ///
  /// - Parameters:
  ///   - name: The thread's name during the work; the system keeps the first 15 bytes.
  ///   - mayWait: Whether the work may wait a moment for a thread.
  ///   - body: The work; it may block.
  func run(named name: String, mayWait: Bool, _ body: @escaping @Sendable () -> Void) {
    let work = Work(name: name, body: body)
    enum Step {
      case give(SharedThread)
      case start, watch, wait
    }
    let step: Step = state.withLock { state in
      if let thread = state.idle.popLast() {
        state.busy += 1
        return .give(thread)
      }
      if !mayWait || state.busy < Self.few {
        state.busy += 1
        return .start
      }
      state.waiting.append(work)
      defer { state.isWatched = true }
      return state.isWatched ? .wait : .watch
    }
    switch step {
    case .give(let thread): thread.give(work)
    case .start: start(work)
    case .watch: startDetachedThread(named: "threads") { self.watch() }
    case .wait: break
    }
  }

  private func start(_ work: Work) {
    startDetachedThread(named: work.name) {
      let thread = SharedThread()
      var next: Work? = work
      while let work = next {
        eventdrop_name_thread(String(decoding: work.name.utf8.prefix(15), as: UTF8.self))
        work.body()
        next = self.next(for: thread)
      }
    }
  }

  /// What a thread does next; nil if nothing has come for a while.
  private func next(for thread: SharedThread) -> Work? {
    let waiting = state.withLock { state -> Work? in
      if let work = state.takeFirst() { return work }
      state.busy -= 1
      state.idle.append(thread)
      return nil
    }
    if let waiting { return waiting }
    if let work = thread.wait(atMost: SharedThread.patience) { return work }
    let isStillIdle = state.withLock { state in
      guard let position = state.idle.firstIndex(where: { $0 === thread }) else { return false }
      state.idle.remove(at: position)
      return true
    }
    // Otherwise it is just being given some.
    return isStillIdle ? nil : thread.wait(atMost: nil)
  }

  /// Starts threads for work that has waited too long, until none waits.
  private func watch() {
    var begun: Int?
    while true {
      usleep(Self.patience)
      let (isOver, work) = state.withLock { state -> (Bool, Work?) in
        guard !state.waiting.isEmpty else {
          state.isWatched = false
          return (true, nil)
        }
        // What was there before and has not moved since.
        guard state.begun == begun, let work = state.takeFirst() else {
          begun = state.begun
          return (false, nil)
        }
        state.busy += 1
        begun = state.begun
        return (false, work)
      }
      if isOver { return }
      if let work { start(work) }
    }
  }
}

/// One of the threads, while it is idle.
private final class SharedThread: Sendable {
  /// How long an idle thread is kept, in seconds.
  static let patience = 10

  private let work = Mutex<SharedThreads.Work?>(nil)
  // Any thread may post and wait on a semaphore (sem_overview(7)); the memory lives as long as this object does.
  nonisolated(unsafe) private let given: UnsafeMutablePointer<sem_t>

  init() {
    given = .allocate(capacity: 1)
    sem_init(given, 0, 0)
  }

  deinit {
    sem_destroy(given)
    given.deallocate()
  }

  func give(_ work: SharedThreads.Work) {
    self.work.withLock { $0 = work }
    sem_post(given)
  }

  /// Waits until it is given work.
  ///
  /// - Parameter seconds: The longest wait; nil: no limit.
  /// - Returns: The work; nil if none has come.
  func wait(atMost seconds: Int?) -> SharedThreads.Work? {
    var end = timespec()
    // If the clock is set, the wait ends early or late, which only costs or keeps a thread.
    clock_gettime(CLOCK_REALTIME, &end)
    end.tv_sec += seconds ?? 0
    while (seconds == nil ? sem_wait(given) : sem_timedwait(given, &end)) != 0 {
      guard errno == EINTR else { return nil }
    }
    return work.withLock { $0.take() }
  }
}
