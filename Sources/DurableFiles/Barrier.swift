internal import Synchronization
internal import SystemPackage

/// The barrier for all bytes written to a folder's file system: syncfs(2).
///
/// The kernel reports a failed write-back once to each descriptor that was open when it happened. So the descriptor is
/// opened before the first write, and a new one after a failure. The report does not say whose bytes were lost:
/// everything begun before it has to be written again, whoever got the report.
package final class Barrier: Sendable {
  /// Whatever is written after it was obtained is covered by the barrier that it is passed to.
  package struct Ticket: Sendable {
    fileprivate var failuresBefore: Int
  }

  private struct State {
    /// Nil if none could be opened after a failure.
    var open: Folder?
    var failures = 0
  }

  private let folder: Folder
  private let state: Mutex<State>
  /// One call at a time: the answer to another may be about these bytes.
  private let asking = Mutex(())

  /// Opens the barrier.
  ///
  /// - Throws: `FileFailure`.
  package init(of folder: Folder) throws(FileFailure) {
    self.folder = folder
    state = Mutex(State(open: try folder.reopened()))
  }

  /// To be called before the first byte is written.
  ///
  /// - Throws: `FileFailure` if no descriptor can be opened that would report their loss.
  package func begin() throws(FileFailure) -> Ticket {
    try state.withLock { state throws(FileFailure) in
      if state.open == nil { state.open = try folder.reopened() }
      return Ticket(failuresBefore: state.failures)
    }
  }

  /// Returns once everything written to the file system since `begin` is on disk, except the names in its folders.
  ///
  /// - Parameter ticket: The result of `begin`.
  /// - Throws: `FileFailure`: the bytes may be lost, and have to be written again, to other files.
  package func wait(for ticket: Ticket) throws(FileFailure) {
    try asking.withLock { _ throws(FileFailure) in try ask(for: ticket) }
  }

  private func ask(for ticket: Ticket) throws(FileFailure) {
    let open = state.withLock { $0.failures == ticket.failuresBefore ? $0.open : nil }
    // A failure was reported to another caller since these bytes were begun, and it may have been about them.
    guard let open else { throw failure(.ioError) }
    do {
      try open.files.syncFileSystem(open.descriptor)
    } catch {
      state.withLock { state in
        state.failures += 1
        state.open = try? folder.reopened()
      }
      throw failure(error)
    }
  }

  private func failure(_ error: Errno) -> FileFailure {
    FileFailure("sync the file system of", folder.path.spelled, error)
  }
}

extension Folder {
  /// The same folder, with its own descriptor.
  ///
  /// - Throws: `FileFailure`.
  func reopened() throws(FileFailure) -> Folder {
    do {
      return Folder(path: path, files: files, descriptor: try files.openFolder(descriptor, nil))
    } catch {
      throw FileFailure("open the folder", path.spelled, error)
    }
  }
}
