internal import Catalog
internal import DurableFiles
internal import EventStore
package import Intake
package import Operations
package import Settings
internal import SystemPackage
package import Time

/// What inboxes have left at their last look, for callers outside.
package enum LastLooks {
  /// What a daemon has left about an inbox; nil if none has.
  package static func read(
    _ configuration: Configuration
  )
    -> @Sendable (_ inbox: String) -> (
      lookedAt: Timestamp, groups: [WaitingGroup]
    )?
  {
    let path = configuration.store.layout.state
    return { inbox in
      guard let state = try? Folder(at: path, files: SystemFiles()),
        let waiting = WaitingFiles.last(of: inbox, in: state), let lookedAt = waiting.lookedAt
      else { return nil }
      return (lookedAt, waiting.reported)
    }
  }
}

extension WaitingFiles {
  /// In the form and the order in which it is reported.
  package var reported: [WaitingGroup] {
    WaitingGroup.reasons.compactMap { name in
      guard let reason = Reason(rawValue: name), let group = groups[reason] else { return nil }
      return WaitingGroup(reason: name, count: group.count, oldest: group.oldest, name: group.name)
    }
  }
}
