internal import Catalog
package import DurableFiles
internal import EventStore
package import Intake
package import Operations
package import Settings
internal import SystemPackage

/// Counts the files claimed by the folders of a configuration.
package struct Claims: ClaimLook {
  private let inboxes: [InboxOptions]
  private let state: FilePath
  private let retry: FilePath
  private let files: any FileOperations

  /// - Parameters:
  ///   - configuration: Says where the folders are.
  ///   - files: The system calls.
  package init(_ configuration: Configuration, files: any FileOperations = SystemFiles()) {
    self.files = files
    inboxes = configuration.inboxes.map(\.options)
    state = configuration.store.layout.state
    retry = configuration.store.layout.retry
  }

  package func inState() throws(FileFailure) -> KnownClaims {
    guard let census = try ClaimCensus(state, inboxes: inboxes, files: files) else { return KnownClaims([]) }
    var groups = try census.inState().map(\.group)
    do throws(FileFailure) {
      if let retried = try census.inRetry(retry) { groups.append(retried.group) }
    } catch {
      // What is wrong with the folder, whoever reads its files reports.
      return KnownClaims(groups, areAll: false)
    }
    return KnownClaims(groups)
  }

  package func inInbox(_ name: String) throws(FileFailure) -> ClaimedGroup? {
    guard let inbox = inboxes.first(where: { $0.name == name }),
      let census = try ClaimCensus(state, inboxes: inboxes, files: files)
    else { return nil }
    return try census.inFolder(of: inbox)?.group
  }

  package func entries(inInbox name: String) throws(FileFailure) -> (waiting: Int, drops: Int) {
    guard let inbox = inboxes.first(where: { $0.name == name }) else { return (0, 0) }
    let count = try InboxCount(of: inbox)
    return (count.waiting, count.drops)
  }

  /// All claims.
  struct Count {
    /// Each group with the folder that contains it.
    var groups: [(path: FilePath, group: ClaimedGroup)] = []
    /// Why there may be more: folders that do not answer.
    var silent: [(path: FilePath, failure: FileFailure)] = []

    /// What a folder answers; nil if it does not answer.
    fileprivate mutating func asking<Answer>(
      _ path: FilePath, _ ask: () throws(FileFailure) -> Answer
    ) throws(FileFailure) -> Answer? {
      do {
        return try ask()
      } catch {
        guard error.errno == .timedOut else { throw error }
        silent.append((path, error))
        return nil
      }
    }
  }

  /// Counts all.
  ///
  /// An inbox that cannot be read is skipped: whoever works on it reports that.
  ///
  /// - Throws: `FileFailure`.
  func all() throws(FileFailure) -> Count {
    var count = Count()
    let opened = try count.asking(state) { () throws(FileFailure) in
      try ClaimCensus(state, inboxes: inboxes, files: files)
    }
    guard let census = opened ?? nil else { return count }
    let groups = try count.asking(state) { () throws(FileFailure) in try census.inState() } ?? []
    count.groups += groups.map { (state, $0.group) }
    let retried = try count.asking(retry) { () throws(FileFailure) in try census.inRetry(retry) }
    if let own = retried ?? nil { count.groups.append((state, own.group)) }
    for inbox in inboxes {
      let claimed = try? count.asking(inbox.path) { () throws(FileFailure) in try census.inFolder(of: inbox) }
      if let own = claimed ?? nil { count.groups.append((inbox.path, own.group)) }
    }
    return count
  }
}

extension ClaimedFiles {
  /// The form for people and programs.
  package var group: ClaimedGroup { ClaimedGroup(inbox: inbox, count: count, oldest: oldest, name: name) }
}
