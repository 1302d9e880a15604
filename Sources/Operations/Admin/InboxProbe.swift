internal import Concurrency
package import DurableFiles
package import SystemPackage
package import Time

/// Counts what lies in an inbox, on a thread of its own.
package actor InboxProbe {
  private let queue = SerialQueue(name: "probe")
  nonisolated package var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private let path: FilePath
  private let clock: any WallClock
  private var count: Int?
  private var countedAt = Duration.zero
  private var cost = Duration.zero
  /// A fiftieth of the time at most is spent on counting.
  private static let share = 50

  package init(_ path: FilePath, clock: any WallClock) {
    self.path = path
    self.clock = clock
  }

  /// Looks at something that may hang as the inbox does.
  package func look<Value: Sendable>(
    _ body: @Sendable () throws(FileFailure) -> Value
  ) throws(FileFailure) -> Value {
    try body()
  }

  /// How many files are in it; counted again where that was long enough ago for what it costs.
  ///
  /// - Throws: `FileFailure` where the folder cannot be read.
  package func waiting() throws(FileFailure) -> Int {
    let begun = clock.uptime()
    if let count, begun - countedAt < cost * Self.share { return count }
    var found = 0
    try Folder(at: path, files: SystemFiles()).forEachEntry { name, kind in
      if kind != .folder, !name.hasPrefix("."), !name.isSidecar { found += 1 }
    }
    countedAt = clock.uptime()
    cost = countedAt - begun
    count = found
    return found
  }
}
