internal import Concurrency
package import DurableFiles
package import Time

/// Counts the files in an inbox, on its own thread.
package actor InboxProbe {
  private let queue = SerialQueue(name: "probe")
  nonisolated package var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private let body: @Sendable () throws(FileFailure) -> (waiting: Int, drops: Int)
  private let clock: any WallClock
  private var last: (waiting: Int, drops: Int)?
  private var countedAt = Duration.zero
  private var cost = Duration.zero
  /// At most a fiftieth of the time is spent counting.
  private static let share = 50

  /// - Parameters:
  ///   - clock: The clock.
  ///   - body: Counts the inbox's entries, and those that it takes by their names.
  package init(
    by clock: any WallClock, counting body: @escaping @Sendable () throws(FileFailure) -> (waiting: Int, drops: Int)
  ) {
    self.body = body
    self.clock = clock
  }

  /// Looks at something that may hang like the inbox.
  package func look<Value: Sendable>(
    _ body: @Sendable () throws(FileFailure) -> Value
  ) throws(FileFailure) -> Value {
    try body()
  }

  /// The number of entries, and of those that are taken; counted again if the last count is old enough, given its cost.
  ///
  /// - Throws: `FileFailure` if the folder cannot be read.
  package func count() throws(FileFailure) -> (waiting: Int, drops: Int) {
    let begun = clock.uptime()
    if let last, begun - countedAt < cost * Self.share { return last }
    let found = try body()
    countedAt = clock.uptime()
    cost = countedAt - begun
    last = found
    return found
  }
}
