import Catalog
import EventStore
import Events
import TestSupport
import Testing
import Time

/// The values that the store's parts own, as state machines: no files, no catalog.
@Suite(.tags(.fast)) struct StoreValuesTests {
  private let today = CalendarDate(year: 2026, month: 11, day: 23)
  private let tomorrow = CalendarDate(year: 2026, month: 11, day: 24)

  // MARK: The open partition

  private func enter(_ date: CalendarDate, in days: inout OpenPartition) -> Bool { days.didEnter(date) }
  private func end(_ days: inout OpenPartition) -> (date: CalendarDate, id: Int64)? { days.end() }

  @Test func `A day is closed by its last entry only once it is over`() {
    var days = OpenPartition()
    days.didOpen(today, 1)
    days.didName(today)
    #expect(!days.isEntered(today))
    #expect(!enter(today, in: &days))
    #expect(days.isEntered(today))
    days.didName(today)
    days.didName(today)
    #expect(end(&days)?.id == 1)
    days.didOpen(tomorrow, 2)
    #expect(!enter(today, in: &days))
    #expect(!days.isEntered(today))
    #expect(enter(today, in: &days))
    #expect(days.isEntered(today))
  }

  @Test func `A day that has ended is ended once`() {
    var days = OpenPartition()
    #expect(end(&days) == nil)
    days.didOpen(today, 1)
    #expect(end(&days)?.date == today)
    #expect(end(&days) == nil)
    #expect(days.open == nil)
  }

  // MARK: The batch book

  private func compose(_ count: Int, in book: inout BatchBook) -> Int64 { book.willCompose(count) }
  private func giveBack(single number: Int64, to book: inout BatchBook) -> Bool { book.giveBack(single: number) }

  private func event(_ sequence: Int64) -> PendingEvent {
    PendingEvent(
      sequence: sequence, eventId: EventID("e\(sequence)"), eventType: "t", partition: 1, bytes: 10,
      updatedAt: Timestamp(milliseconds: 0))
  }

  @Test func `A single event in hand is left out of batches until it is given back`() {
    var book = BatchBook(next: 7)
    let single = book.take(single: event(2))
    #expect(single.number == 7)
    #expect(book.next == 8)
    #expect(book.isInHand(single: 2))
    #expect(book.notInHand([event(1), event(2), event(3)]).map(\.sequence) == [1, 3])
    #expect(giveBack(single: 7, to: &book))
    #expect(!giveBack(single: 7, to: &book))
    #expect(book.notInHand([event(2)]).count == 1)
  }

  @Test func `Batches have numbers of their own, and are on disk only once that was said`() {
    var book = BatchBook(next: 1)
    #expect(book.isOnDisk)
    #expect(compose(3, in: &book) == 1)
    #expect(!book.isOnDisk)
    #expect(compose(1, in: &book) == 4)
    book.didReachDisk()
    #expect(book.isOnDisk)
    book.take(2)
    #expect(book.isInHand(2))
    #expect(!book.isInHand(1))
    book.giveBack(2)
    #expect(!book.isInHand(2))
  }

  private func divide(_ sizes: [Int], events: Int = 3, bytes: Int = 100, onlyFull: Bool = false) -> [ClosedRange<Int64>]
  {
    BatchBook.divide(
      zip(Int64(1)..., sizes).map { ($0, $1) }, maxEvents: events, maxBytes: bytes, onlyFull: onlyFull)
  }

  @Test func `The first batch is taken as it is, those behind it only if they are full`() {
    #expect(divide([]) == [])
    #expect(divide([10]) == [1...1])
    #expect(divide([10], onlyFull: true) == [])
    #expect(divide([10, 10, 10, 10]) == [1...3])
    #expect(divide([10, 10, 10, 10, 10, 10]) == [1...3, 4...6])
    #expect(divide([10, 10, 10], onlyFull: true) == [1...3])
  }

  @Test func `A batch is full by its bytes too, and a larger record makes one by itself`() {
    #expect(divide([60, 60, 10]) == [1...1])
    #expect(divide([60, 60, 60]) == [1...1, 2...2])
    #expect(divide([500, 10]) == [1...1])
    #expect(divide([10, 500, 10]) == [1...1, 2...2])
  }

  @Test func `No more are composed at a time than reach the disk together`() {
    #expect(divide(Array(repeating: 10, count: 100), events: 1).count == BatchBook.batchesAtATime)
  }
}
