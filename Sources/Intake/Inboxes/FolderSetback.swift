internal import EventStore

/// The failure of one sub-folder: it is retried after growing pauses.
struct FolderSetback {
  private var setback = Setback()
  private var resumption = Duration.zero

  mutating func fail(at uptime: Duration) -> Bool {
    let isFirst = setback.fail()
    resumption = uptime + setback.pause
    return isFirst
  }

  func isOver(at uptime: Duration) -> Bool { uptime >= resumption }
}
