import Catalog
import EventStore
import StoreSupport
import SystemPackage
import TestSupport
import Testing

/// The kernel reports a failed write-back once, and not whose bytes it was.
@Suite(.tags(.fast, .durability), .timeLimit(.minutes(1))) struct FailedBarrierTests {
  private func fails(_ body: @Sendable () async throws -> [CommitOutcome]) async -> Bool {
    do {
      _ = try await body()
      return false
    } catch {
      return true
    }
  }

  @Test func `A failed barrier fails all portions that were under way`() async throws {
    let place = try StorePlace()
    _ = try await place.commit((0..<8).map { "before\($0)" })
    place.files.clear()
    let isSecondWritten = Gate()
    place.files.before("sync file system") { () throws(Errno) in
      isSecondWritten.wait()
      throw .ioError
    }
    let (one, two) = ((0..<8).map { "one\($0)" }, (0..<8).map { "two\($0)" })
    async let first = fails { try await place.commit(one) }
    while !place.files.log.contains("sync file system") { await Task.yield() }
    async let second = fails { try await place.commit(two) }
    while place.files.log.count(where: { $0 == "write unnamed" }) < 16 { await Task.yield() }
    isSecondWritten.open()
    #expect(await first)
    #expect(await second)
    #expect(place.records("2026-11-23").count == 8)
    // Written again, they are covered by a barrier that would report it.
    #expect(try await Set(place.commit(one + two).map(\.word)) == ["stored"])
    #expect(place.records("2026-11-23").count == 24)
  }

  @Test func `What begins after it is not concerned`() async throws {
    let place = try StorePlace()
    let ids = (0..<8).map { "\($0)" }
    place.files.before("sync file system") { () throws(Errno) in throw .ioError }
    await #expect(throws: StorageError.self) { try await place.commit(ids) }
    #expect(try await Set(place.commit(ids).map(\.word)) == ["stored"])
  }
}
