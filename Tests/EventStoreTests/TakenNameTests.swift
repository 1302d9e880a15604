import DurableFiles
import EventStore
import Events
import Glibc
import StoreSupport
import SystemPackage
import TestSupport
import Testing

/// Whatever occupies a name that the store needs is just a taken name: the others go on.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct TakenNameTests {
  private let day = "2026-11-23"

  enum Odd: String, CaseIterable, Sendable {
    case folder, pipe, socket, link, large, unreadable
  }

  /// Replaces what has a name by something else.
  private func put(_ odd: Odd, at file: String, _ place: StorePlace) throws {
    let path = place.tree.path.appending(file).string
    if odd != .unreadable { place.tree.remove(file) }
    switch odd {
    case .folder: place.tree.write("x", to: "\(file)/inner")
    case .pipe: #expect(mkfifo(path, 0o600) == 0)
    case .socket: #expect(mknod(path, S_IFSOCK | 0o600, 0) == 0)
    case .link:
      place.tree.write("outside", to: "outside")
      #expect(symlink(place.tree.path.appending("outside").string, path) == 0)
    case .large:
      place.tree.write("{", to: file)
      #expect(truncate(path, 2 << 30) == 0)
    case .unreadable:
      if place.tree.readText(file) == nil { place.tree.write("secret", to: file) }
      let name = try #require(FilePath(file).lastComponent).string
      place.files.always("open \(name)") { () throws(Errno) in throw .permissionDenied }
    }
  }

  @Test(arguments: Odd.allCases)
  func `At the name of a known record, the event is stored again, and the others are stored`(odd: Odd) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    try put(odd, at: "processed/\(day)/a.json", place)
    #expect(try await place.commit(["a", "b"]).map(\.word) == ["stored", "stored"])
    place.files.always("open a.json", nil)
    #expect(place.tree.readText("processed/\(day)/a.json")?.contains(#""eventId":"a""#) == true)
    #expect(place.pending == ["a", "b"])
    // It is somewhere, and a person learns where.
    let isInFailed = place.tree.names("failed") == ["a.json", "a.json.error"]
    let isBeside = place.tree.names("processed/\(day)").contains("a.json~2")
    #expect(odd == .folder ? isBeside : isInFailed)
  }

  @Test(arguments: Odd.allCases)
  func `At the name of a new record, it is moved out of the way, and the others are stored`(odd: Odd) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    try put(odd, at: "processed/\(day)/c.json", place)
    #expect(try await place.commit(["b", "c", "d"]).map(\.word) == ["stored", "stored", "stored"])
    place.files.always("open c.json", nil)
    #expect(place.tree.readText("processed/\(day)/c.json")?.contains(#""eventId":"c""#) == true)
    #expect(place.pending == ["a", "b", "c", "d"])
  }

  @Test(arguments: Odd.allCases)
  func `At the name of a pending record, that event is missing, and the others are sent`(odd: Odd) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    let record = try #require(place.tree.read("processed/\(day)/a.json"))
    try put(odd, at: "processed/\(day)/a.json", place)
    let batch = try #require(try await place.nextBatch())
    let records = try await place.store.records(of: batch.events)
    #expect(records.map { $0 == nil } == [true, false])
    try await place.store.forget([batch.events[0]])
    try await place.store.acknowledge([batch.events[1]], batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    #expect(place.events(inState: 3) == ["a"] && place.forwarded == ["b"])
    // Once it is gone, and the record is back, the event is pending again.
    place.files.always("open a.json", nil)
    removeAnything(place.tree.path.appending("processed/\(day)/a.json").string)
    place.tree.write(record, to: "processed/\(day)/a.json")
    #expect(try place.reopened().pending == ["a"])
  }

  @Test func `What can neither be read nor moved keeps its own event, which is tried again`() async throws {
    let place = try StorePlace()
    try put(.folder, at: "processed/\(day)/a.json", place)
    place.files.always("move \(day)/a.json to \(day)/a.json~2") { () throws(Errno) in throw .notPermitted }
    let outcomes = try await place.commit(["a", "b"])
    #expect(outcomes.map(\.word) == ["conflict", "stored"])
    guard case .conflict(let failure) = outcomes[0] else { return }
    #expect(failure.reason == .unreadable && failure.reason.course == .retried)
    #expect(failure.message.description.contains("a.json"))
  }

  @Test(arguments: [true, false])
  func `A link or a file in the place of a partition keeps only its own events`(isLink: Bool) async throws {
    let place = try StorePlace(clock: ManualClock("2026-11-22T12:00:00.000Z"))
    _ = try await place.commit(["old"])
    place.clock.set("2026-11-23T12:00:00.000Z")
    _ = try await place.commit(["new"])
    place.tree.move("processed/2026-11-22", to: "elsewhere")
    let path = place.tree.path.appending("processed/2026-11-22").string
    if isLink {
      #expect(symlink(place.tree.path.appending("elsewhere").string, path) == 0)
    } else {
      place.tree.write("x", to: "processed/2026-11-22")
    }
    let batch = try #require(try await place.nextBatch())
    let records = try await place.store.records(of: batch.events)
    #expect(records.map { $0 == nil } == [true, false])
    #expect(try await place.commit(["old", "newer"]).map(\.word) == ["stored", "stored"])
  }

  @Test(arguments: [Odd.folder, .pipe, .link])
  func `At the name of the journal, it is moved out of the way, and what is acknowledged stays so`(
    odd: Odd
  ) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    try put(odd, at: "processed/\(day)/forwards.jsonl", place)
    let batch = try #require(try await place.nextBatch())
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    #expect(place.tree.names("processed/\(day)").contains("forwards.jsonl~2"))
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try place.reopened().forwarded == ["a"])
  }
}

/// Removes whatever has a path, of any kind.
private func removeAnything(_ path: String) {
  unlink("\(path)/inner")
  if rmdir(path) != 0 { #expect(unlink(path) == 0) }
}
