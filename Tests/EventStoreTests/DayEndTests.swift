import EventStore
import StoreSupport
import SystemPackage
import TestSupport
import Testing
import Time

/// The effect of the end of a day on tree and catalog.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct DayEndTests {
  private let partitions = "SELECT date, isOpen FROM partition ORDER BY date"

  @Test func `A day is open while it is written to, and closed when the next begins or the store is`() async throws {
    let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
    _ = try await place.commit(["1"])
    #expect(place.catalog(partitions) == ["2026-11-23 1"])
    place.clock.advance(by: .seconds(2))
    _ = try await place.commit(["2"])
    #expect(place.catalog(partitions) == ["2026-11-23 0", "2026-11-24 1"])
    await place.store.close()
    #expect(place.catalog(partitions) == ["2026-11-23 0", "2026-11-24 0"])
  }

  @Test func `A day is open in the catalog before its folder holds a record`() async throws {
    let counting = try StorePlace()
    let before = counting.files.count
    _ = try await counting.commit(["1"])
    for number in 1...(counting.files.count - before) {
      let place = try StorePlace()
      place.files.set(.stop(at: place.files.count + number))
      _ = try? await place.commit(["1"])
      if !place.records("2026-11-23").isEmpty {
        #expect(place.catalog(partitions) == ["2026-11-23 1"], "\(place.files.story)")
      }
    }
  }

  @Test func `One event on both sides of midnight has one record`() async throws {
    let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
    _ = try await place.commit(["1"])
    place.clock.advance(by: .seconds(2))
    #expect(try await place.commit(["1", "2"]).map(\.word) == ["duplicate", "stored"])
    #expect(place.records("2026-11-23") == ["1.json"] && place.records("2026-11-24") == ["2.json"])
  }

  @Test func `Two portions that have one event on both sides of midnight make one record of it`() async throws {
    let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
    let isAfterMidnight = Gate()
    place.files.before("sync file system") { () throws(Errno) in isAfterMidnight.wait() }
    async let first = place.commit(["a", "b", "c", "d", "e", "shared"])
    while !place.files.log.contains("sync file system") { await Task.yield() }
    place.clock.advance(by: .seconds(2))
    async let second = place.commit(["shared"])
    // The second has begun, and waits, before the first continues.
    for _ in 0..<50 { _ = try await place.store.pending() }
    isAfterMidnight.open()
    let words = try await (first.map(\.word), second.map(\.word))
    #expect(words.0.allSatisfy { $0 == "stored" } && words.1 == ["duplicate"], "\(words)")
    #expect(place.records("2026-11-23").count == 6 && place.records("2026-11-24") == [])
  }

  @Test func `What an import has stored is complete, and not read again by the next start`() async throws {
    let place = try StorePlace()
    for (id, day) in [("1", "2025-10-14"), ("2", "2025-10-15"), ("3", "2025-10-14")] {
      _ = try await place.store.take(over: [try imported(id, on: day)], batchId: "import")
    }
    #expect(place.catalog(partitions) == ["2025-10-14 0", "2025-10-15 0"])
    await place.store.close()
    let files = RecordingFiles()
    files.always("open 1.json") { () throws(Errno) in throw .ioError }
    #expect(try StorePlace(place.tree, files: files, clock: place.clock).forwarded == ["1", "2", "3"])
  }

  @Test func `A day whose import met a name that was taken, or failed, is compared at the next start`() async throws {
    let place = try StorePlace()
    place.tree.write("", to: "processed/2025-10-14/1.json")
    _ = try await place.store.take(over: [try imported("1", on: "2025-10-14")], batchId: "import")
    #expect(place.catalog(partitions) == ["2025-10-14 1"])
    place.files.before("sync 2025-10-15") { () throws(Errno) in throw .ioError }
    _ = try? await place.store.take(over: [try imported("2", on: "2025-10-15")], batchId: "import")
    #expect(place.catalog(partitions) == ["2025-10-14 1", "2025-10-15 1"])
  }

  private func imported(_ id: String, on day: String) throws -> ImportedEvent {
    let time = try #require(Timestamp(rfc3339: "\(day)T12:00:00.000Z"))
    return ImportedEvent(try StorePlace.event(id), processedAt: time, createdAt: time, updatedAt: time)
  }

  @Test func `A closed day that a person has put a record into is compared at the next start`() async throws {
    let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
    _ = try await place.commit(["1", "2"])
    place.clock.advance(by: .seconds(2))
    _ = try await place.commit(["3"])
    place.tree.move("processed/2026-11-23/2.json", to: "2.json")
    #expect(try place.reopened().pending == ["1", "3"])
    place.tree.move("2.json", to: "processed/2026-11-23/2.json")
    #expect(try place.reopened().pending.sorted() == ["1", "2", "3"])
  }
}

/// A day counts as complete only while every named record of it has its row, whatever fails.
@Suite(.tags(.fast, .durability), .timeLimit(.minutes(1))) struct UnenteredRecordTests {
  /// Where the records of event 1 are.
  private func days(_ place: StorePlace) -> [String] {
    ["2026-11-23", "2026-11-24"].filter { place.records($0).contains("1.json") }
  }

  private func changes() async throws -> Int {
    let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
    let before = place.files.count
    _ = try await place.commit(["1"])
    return place.files.count - before
  }

  @Test func `Whatever fails before midnight, the same event after it finds its record`() async throws {
    for number in 1...(try await changes()) {
      let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
      place.files.fail(next: number, .ioError)
      _ = try? await place.commit(["1"])
      place.clock.advance(by: .seconds(2))
      _ = try await place.commit(["2"])
      _ = try await place.commit(["1"])
      #expect(days(place).count == 1, "\(place.files.story)")
      #expect(place.pending.sorted() == ["1", "2"], "\(place.files.story)")
    }
  }

  @Test(arguments: [false, true])
  func `The next start finds it as well, after an orderly stop and after none`(isOrderly: Bool) async throws {
    for number in 1...(try await changes()) {
      let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
      place.files.fail(next: number, .ioError)
      _ = try? await place.commit(["1"])
      place.clock.advance(by: .seconds(2))
      // The new day may begin before the failure is made up for.
      _ = try? await place.commit(["2"])
      if isOrderly { await place.store.close() }
      let next = try place.reopened()
      _ = try await next.commit(["1"])
      #expect(days(next).count == 1, "\(place.files.story)")
      #expect(next.pending.sorted() == ["1", "2"], "\(place.files.story)")
    }
  }

  @Test func `A day whose last records are not entered is closed once they are`() async throws {
    let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
    let isNewDay = Gate()
    place.files.before("sync 2026-11-23") { () throws(Errno) in isNewDay.wait() }
    async let first = place.commit(["1"])
    while !place.files.log.contains("sync 2026-11-23") { await Task.yield() }
    place.clock.advance(by: .seconds(2))
    async let second = place.commit(["2"])
    while !place.files.log.contains("name 2026-11-24/2.json") { await Task.yield() }
    #expect(place.catalog("SELECT date, isOpen FROM partition ORDER BY date") == ["2026-11-23 1", "2026-11-24 1"])
    isNewDay.open()
    _ = try await (first, second)
    #expect(place.catalog("SELECT date, isOpen FROM partition ORDER BY date") == ["2026-11-23 0", "2026-11-24 1"])
  }

  @Test func `Only the clock says which day it is, not what stands in a record`() async throws {
    let place = try StorePlace()
    let imported = ImportedEvent(
      try StorePlace.event("1"), processedAt: try #require(Timestamp(rfc3339: "2025-10-14T12:00:00.000Z")),
      createdAt: try #require(Timestamp(rfc3339: "2025-10-14T12:00:00.000Z")),
      updatedAt: Timestamp.writable.upperBound)
    _ = try await place.store.take(over: [imported], batchId: "import")
    place.tree.move("processed/2025-10-14/1.json", to: "1.json")
    #expect(try await place.commit(["1"]).map(\.word) == ["stored"])
    #expect(place.records("2026-11-23") == ["1.json"])
    #expect(place.tree.names("processed").filter { $0.hasPrefix("1") || $0.hasPrefix("9") } == [])
    #expect(Timestamp(rfc3339: "0000-12-31T23:59:59.999Z") == nil)
    #expect(Timestamp(rfc3339: "9999-12-31T23:59:59.999-01:00") == nil)
  }
}
