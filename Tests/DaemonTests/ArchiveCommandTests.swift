import Daemon
import Synchronization
import TestSupport
import Testing

@Suite(.tags(.spawned), .timeLimit(.minutes(1))) struct ArchiveCommandTests {
  @Test(arguments: [(Duration.milliseconds(10), 1), (.seconds(60), 0)])
  func `That a command does not end is reported once, and it is waited for all the same`(
    patience: Duration, count: Int
  ) async throws {
    let reports = Mutex(0)
    try await ArchiveCommand("sleep 0.3; true", patience: patience).run(
      on: "x", whenLate: { reports.withLock { $0 += 1 } })
    #expect(reports.withLock { $0 } == count)
  }
}
