package import Concurrency

extension Signal {
  /// Waits until it is raised after that generation, the time is over, or the task is cancelled.
  ///
  /// - Parameters:
  ///   - generation: The generation when the waiter last checked.
  ///   - uptime: The latest time to return; nil: no limit.
  ///   - clock: The clock that measures it.
  package func wait(after generation: Int, until uptime: Duration? = nil, clock: any WallClock) async {
    guard let uptime else { return await wait(after: generation) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(after: generation) }
      group.addTask { try? await clock.sleep(until: uptime) }
      await group.next()
      group.cancelAll()
    }
  }
}
