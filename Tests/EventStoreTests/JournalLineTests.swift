import Catalog
import EventStore
import Events
import Maintenance
import StoreSupport
import TestSupport
import Testing

/// Each line of a journal is independent: an unterminated line costs no acknowledgement, neither its own nor the next.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct JournalLineTests {
  private let journal = "processed/2026-11-23/forwards.jsonl"

  /// A store with two events, the first of them acknowledged.
  private func place() async throws -> StorePlace {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    try await acknowledgeNext(of: place)
    return place
  }

  private func acknowledgeNext(of place: StorePlace) async throws {
    let batch = try #require(try await place.nextBatch(maxEvents: 1))
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
  }

  private func cutNewline(_ place: StorePlace) throws {
    let text = try #require(place.tree.readText(journal))
    place.tree.write(String(text.dropLast()), to: journal)
  }

  private func rebuilt(_ place: StorePlace) throws -> StorePlace {
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    return try place.reopened()
  }

  @Test func `A whole line without its newline counts, and gets it at the next start`() async throws {
    let place = try await place()
    let text = try #require(place.tree.readText(journal))
    try cutNewline(place)
    let next = try rebuilt(place)
    #expect(next.forwarded == ["a"] && next.pending == ["b"])
    #expect(place.tree.readText(journal) == text)
  }

  @Test(arguments: [true, false])
  func `The catalog that knows it takes up what follows`(isRestarted: Bool) async throws {
    let place = try await place()
    await place.store.close()
    try cutNewline(place)
    let next = isRestarted ? try place.reopened() : place
    try await acknowledgeNext(of: next)
    let lines = try #require(place.tree.readText(journal)).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 3 && lines[2].isEmpty)
    #expect(try rebuilt(next).forwarded == ["a", "b"])
  }

  @Test func `A torn line does not run into the next`() async throws {
    let place = try await place()
    place.tree.write(try #require(place.tree.readText(journal)) + #"{"batchId":"ha"#, to: journal)
    try await acknowledgeNext(of: place)
    #expect(place.forwarded == ["a", "b"])
    #expect(try rebuilt(place).forwarded == ["a", "b"])
  }

  @Test func `A journal that has become shorter is read from its beginning`() async throws {
    let place = try await place()
    await place.store.close()
    // A person has restored an older one, and the last acknowledgement is of another event.
    place.tree.write(
      #"{"batchId":"","forwardedAt":"2026-11-23T13:00:00.000Z","status":200,"eventIds":["b"]}"# + "\n", to: journal)
    #expect(try place.reopened().pending == [])
  }

  @Test func `Whoever asks for an event sees the acknowledgement in such a line, and verify finds nothing wrong`()
    async throws
  {
    let place = try await place()
    await place.store.close()
    try cutNewline(place)
    let account = try #require(try EventIndex(place.store.options.layout).event("a"))
    #expect(account.forwards.count == 1)
    var verifier = try Verifier(
      place.store.options.layout, isMending: false, isShared: { false }, pause: {}, report: { _ in })
    #expect(try verifier.run().findings == 0)
  }
}
