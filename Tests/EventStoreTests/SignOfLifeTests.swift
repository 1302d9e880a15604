import EventStore
import StoreSupport
import SystemPackage
import TestSupport
import Testing

/// Signs of life come from the threads that do the work.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct SignOfLifeTests {
  @Test(arguments: ["write unnamed", "name 2026-11-23/1.json", "sync 2026-11-23"])
  func `While the disk does not answer, the store does not either`(operation: String) async throws {
    let place = try StorePlace()
    await place.store.answer()
    let (entered, gate) = (Gate(), Gate())
    place.files.before(operation) { () throws(Errno) in
      entered.open()
      gate.wait()
    }
    let portion = Task { try await place.commit(["1"]) }
    try await onOwnThread { entered.wait() }
    enum Ending { case answered, waited }
    let first = await withTaskGroup(of: Ending.self) { group in
      group.addTask {
        await place.store.answer()
        return .answered
      }
      group.addTask {
        // An answer would come at once; that none comes can only be seen by waiting a moment.
        try? await Task.sleep(for: .milliseconds(100))
        return .waited
      }
      let first = await group.next()
      gate.open()
      return first
    }
    #expect(first == .waited)
    #expect(try await portion.value.map(\.word) == ["stored"])
    await place.store.answer()
  }
}
