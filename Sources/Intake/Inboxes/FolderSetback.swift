internal import EventStore

/// What befell one sub-folder: tried again after pauses that grow.
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
