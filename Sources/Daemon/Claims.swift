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

  /// - Parameter configuration: Says where the folders are.
  package init(_ configuration: Configuration) {
    inboxes = configuration.inboxes.map(\.options)
    state = configuration.store.state
    retry = configuration.store.retry
  }

  package func inState() throws(FileFailure) -> [ClaimedGroup] {
    guard let census = try ClaimCensus(state, inboxes: inboxes) else { return [] }
    return try inState(census)
  }

  package func inInbox(_ name: String) throws(FileFailure) -> ClaimedGroup? {
    guard let inbox = inboxes.first(where: { $0.name == name }), let census = try ClaimCensus(state, inboxes: inboxes)
    else { return nil }
    return try census.inFolder(of: inbox)?.group
  }

  package func entries(inInbox name: String) throws(FileFailure) -> (waiting: Int, drops: Int) {
    guard let inbox = inboxes.first(where: { $0.name == name }) else { return (0, 0) }
    let count = try InboxCount(of: inbox)
    return (count.waiting, count.drops)
  }

  /// Counts all, each with the folder that contains it.
  ///
  /// An inbox that cannot be read is skipped: whoever works on it reports that.
  ///
  /// - Throws: `FileFailure`.
  func all() throws(FileFailure) -> [(path: FilePath, group: ClaimedGroup)] {
    guard let census = try ClaimCensus(state, inboxes: inboxes) else { return [] }
    var found = try inState(census).map { (state, $0) }
    for inbox in inboxes {
      if let claimed = (try? census.inFolder(of: inbox)) ?? nil { found.append((inbox.path, claimed.group)) }
    }
    return found
  }

  private func inState(_ census: ClaimCensus) throws(FileFailure) -> [ClaimedGroup] {
    var found = try census.inState()
    if let own = try census.inRetry(retry) { found.append(own) }
    return found.map(\.group)
  }
}

extension ClaimedFiles {
  /// The form for people and programs.
  package var group: ClaimedGroup { ClaimedGroup(inbox: inbox, count: count, oldest: oldest, name: name) }
}
