internal import CShims
internal import Concurrency
internal import Glibc
internal import Synchronization

/// The signals that control the daemon: SIGTERM and SIGINT stop it, SIGHUP makes it read its configuration again.
///
/// They are taken before the program does anything else, and for as long as it runs: one that comes while the store is
/// being opened, or between two configurations, is neither lost nor the end of the process.
package final class ProcessSignals: Sendable {
  /// Those of this process; taken on first use.
  package static let own = ProcessSignals()

  private struct State {
    var isToStop = false
    var isToReload = false
    var isListening = false
    /// Called once a stop is requested.
    var onStop: (@Sendable () -> Void)?
  }

  private let descriptor: Int32
  private let state = Mutex(State())
  private let changed = Signal()

  private init() {
    descriptor = eventdrop_take_signals()
  }

  /// Gives them back, for a command that they may simply end; one that has already come ends it now.
  package func release() {
    eventdrop_release_signals()
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var number: UInt8 = 0
    guard poll(&waiting, 1, 0) == 1, read(descriptor, &number, 1) == 1 else { return }
    raise(Int32(number))
  }

  /// Starts to listen for them.
  func listen() {
    let isFirst = state.withLock { state in
      defer { state.isListening = true }
      return !state.isListening
    }
    guard isFirst, descriptor >= 0 else { return }
    startDetachedThread(named: "signals") {
      var number: UInt8 = 0
      while true {
        let count = read(self.descriptor, &number, 1)
        if count == 1 { self.note(Int32(number)) } else if count == 0 || errno != EINTR { return }
      }
    }
  }

  private func note(_ number: Int32) {
    let onStop = state.withLock { state -> (@Sendable () -> Void)? in
      guard number != SIGHUP else {
        state.isToReload = true
        return nil
      }
      state.isToStop = true
      return state.onStop
    }
    changed.raise()
    onStop?()
  }

  /// Whether a stop is requested.
  var isToStop: Bool { state.withLock(\.isToStop) }

  /// Whether the configuration is to be read again.
  var isToReload: Bool { state.withLock(\.isToReload) }

  /// Whether the configuration is to be read again; true only once.
  func takeReload() -> Bool {
    state.withLock { state in
      defer { state.isToReload = false }
      return state.isToReload
    }
  }

  /// Makes `body` be called when a stop is requested, at once if one already is; nil ends that.
  func onStop(_ body: (@Sendable () -> Void)?) {
    let isToStop = state.withLock { state in
      state.onStop = body
      return state.isToStop
    }
    if isToStop { body?() }
  }

  /// Waits until a stop or a reload is requested, or the task is cancelled.
  func wait() async {
    while true {
      let generation = changed.generation
      if isToStop || isToReload || Task.isCancelled { return }
      await changed.wait(after: generation)
    }
  }
}
