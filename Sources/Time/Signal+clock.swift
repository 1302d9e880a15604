package import Concurrency

extension Signal {
  /// Waits until it is raised after that generation, or the time is over, or the task is cancelled.
  ///
  /// - Parameters:
  ///   - generation: What it was when the waiting one looked.
  ///   - uptime: Until when at most; nil: as long as it takes.
  ///   - clock: Who measures it.
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
