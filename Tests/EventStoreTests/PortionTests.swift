import EventStore
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// The effect of storing a portion on tree and catalog.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct PortionTests {
  private let day = "2026-11-23"

  @Test func `Bytes reach the disk before names, and names before the catalog`() async throws {
    let place = try StorePlace()
    let ids = (1...6).map(String.init)
    let knownAtBarrier = Mutex<[String]>(["not asked"])
    let knownAtNames = Mutex<[String]>(["not asked"])
    let namedAtBarrier = Mutex<[String]>(["not asked"])
    place.files.before("sync file system") { () throws(Errno) in
      knownAtBarrier.withLock { $0 = place.pending }
      namedAtBarrier.withLock { $0 = place.records(day) }
    }
    place.files.before("sync \(day)") { () throws(Errno) in knownAtNames.withLock { $0 = place.pending } }
    place.files.clear()
    _ = try await place.commit(ids)
    #expect(namedAtBarrier.withLock { $0 } == [])
    #expect(knownAtBarrier.withLock { $0 } == [])
    #expect(knownAtNames.withLock { $0 } == [])
    #expect(place.pending == ids)
    let log = place.files.log
    let lastWrite = try #require(log.lastIndex(of: "write unnamed"))
    let barrier = try #require(log.firstIndex(of: "sync file system"))
    let firstName = try #require(log.firstIndex { $0.hasPrefix("name \(day)/") })
    let lastName = try #require(log.lastIndex { $0.hasPrefix("name \(day)/") })
    let names = try #require(log.firstIndex(of: "sync \(day)"))
    #expect(lastWrite < barrier && barrier < firstName && lastName < names, "\(log)")
    #expect(log.count { $0 == "sync file system" } == 1 && log.count { $0 == "sync \(day)" } == 1, "\(log)")
  }

  @Test(arguments: [(StoreOptions.Durability.each, 3), (.group, 1), (.off, 0)])
  func `Durability says how many barriers three events need`(
    durability: StoreOptions.Durability, count: Int
  ) async throws {
    let place = try StorePlace(durability: durability)
    _ = try await place.commit(["first"])
    place.files.clear()
    _ = try await place.commit(["1", "2", "3"])
    #expect(place.files.log.count { $0 == "sync \(day)" } == count, "\(place.files.log)")
    #expect(place.records(day).count == 4)
  }

  @Test func `An id that stands twice in a portion is stored once`() async throws {
    let place = try StorePlace()
    let portion = [
      try StorePlace.event("1", value: 1), try StorePlace.event("1", value: 1), try StorePlace.event("1", value: 2),
    ]
    let outcomes = try await place.store.commit(portion.map { Submission($0) })
    #expect(outcomes.map(\.word) == ["stored", "duplicate", "conflict"])
    #expect(place.records(day) == ["1.json"])
    #expect(place.pending == ["1"])
  }

  @Test func `An event is in one hand at a time: of two portions that have it, the second finds its record`()
    async throws
  {
    let place = try StorePlace()
    async let first = place.commit(["a", "b", "c", "d", "e", "shared"])
    async let second = place.commit(["shared", "f", "g", "h", "i", "j"])
    let words = try await first.map(\.word) + second.map(\.word)
    #expect(words.count { $0 == "stored" } == 11 && words.count { $0 == "duplicate" } == 1, "\(words)")
    #expect(place.records(day).count == 11)
    #expect(place.pending.count == 11)
  }

  @Test func `Portions get their names in the order in which they began`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["0"])
    let isSecondWritten = Gate()
    // The first portion's barrier ends only once the second portion has written all its records.
    place.files.before("sync file system") { () throws(Errno) in isSecondWritten.wait() }
    async let first = place.commit((1...6).map { "a\($0)" })
    while !place.files.log.contains("sync file system") { await Task.yield() }
    let written = place.files.log.count { $0 == "write unnamed" }
    async let second = place.commit((1...6).map { "b\($0)" })
    while place.files.log.count(where: { $0 == "write unnamed" }) < written + 6 { await Task.yield() }
    isSecondWritten.open()
    _ = try await (first, second)
    #expect(place.pending == ["0"] + (1...6).map { "a\($0)" } + (1...6).map { "b\($0)" })
  }

  /// Every change made by a portion of six, once each.
  @Test(arguments: [Errno.ioError, .noSpace, .readOnlyFileSystem, .tooManyOpenFiles])
  func `A portion that fails at any change can be given again, and each event has one record`(
    error: Errno
  ) async throws {
    let ids = (1...6).map(String.init)
    let counting = try StorePlace()
    let before = counting.files.count
    _ = try await counting.commit(ids)
    let changes = counting.files.count - before
    #expect(changes > 18)
    for number in 1...changes {
      let place = try StorePlace()
      place.files.fail(next: number, error)
      let isThrown = (try? await place.commit(ids)) == nil
      // A failure was either reported, or made up for at once.
      if !isThrown { #expect(place.pending == ids, "\(error) at change \(number): \(place.files.story)") }
      let again = try await place.commit(ids).map(\.word)
      #expect(again.allSatisfy { $0 == "stored" || $0 == "duplicate" }, "\(place.files.story)")
      #expect(place.records(day) == ids.map { "\($0).json" }, "\(place.files.story)")
      #expect(place.pending.sorted() == ids, "\(place.files.story)")
      #expect(try place.reopened().pending.sorted() == ids, "\(place.files.story)")
    }
  }

  @Test func `A portion that is stopped at any change is whole after the next start`() async throws {
    let ids = (1...6).map(String.init)
    let counting = try StorePlace()
    let before = counting.files.count
    _ = try await counting.commit(ids)
    for number in 1...(counting.files.count - before) {
      let place = try StorePlace()
      place.files.set(.stop(at: place.files.count + number))
      _ = try? await place.commit(ids)
      let next = try place.reopened()
      let named = next.records(day).map { String($0.dropLast(5)) }
      // The catalog knows exactly the records that have their names.
      #expect(next.pending.sorted() == named.sorted(), "stopped: \(place.files.story)")
      let again = try await next.commit(ids).map(\.word)
      #expect(again.count { $0 == "duplicate" } == named.count, "stopped: \(place.files.story)")
      #expect(next.pending.sorted() == ids, "stopped: \(place.files.story)")
    }
  }
}
