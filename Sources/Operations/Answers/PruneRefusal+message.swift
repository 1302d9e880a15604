internal import Catalog
internal import Events
internal import Time

extension PruneRefusal {
  /// A message that nothing is pruned, and why.
  ///
  /// - Parameter zone: The time zone for times.
  /// - Returns: The message.
  func message(in zone: TimeZoneRules) -> Message {
    switch self {
    case .moreThanHalf(let partitions, let all):
      Message(StatusMessage.pruneOfMoreThanHalf, ["partitions": .integer(partitions), "all": .integer(all)])
    case .clockAhead(let now, let newest):
      Message(
        StatusMessage.pruneWithClockAhead,
        ["now": .text(now.rfc3339(in: zone)), "newest": .text(newest.rfc3339(in: zone))])
    }
  }
}
