import Concurrency
import TestSupport
import Testing

/// The waiting primitives, as an actor's state: what waits, and in which order it continues.
@Suite(.tags(.fast)) struct WaitingTests {
  private actor Place {
    private let condition = Condition()
    private let turnstile = Turnstile()
    private let lock = KeyedLock<Int>()
    private(set) var notes: [String] = []

    func note(_ text: String) { notes.append(text) }

    func waitForChange(_ name: String) async {
      notes.append("\(name) waits")
      await condition.wait()
      notes.append("\(name) goes on")
    }
    func wakeAll() { condition.wakeAll() }

    func enter() -> Turnstile.Ticket { turnstile.enter() }
    func isFirst(_ ticket: Turnstile.Ticket) -> Bool { turnstile.isFirst(ticket) }
    func pass(_ ticket: Turnstile.Ticket, _ name: String) async {
      await turnstile.wait(for: ticket)
      notes.append(name)
    }
    func leave(_ ticket: Turnstile.Ticket) { turnstile.leave(ticket) }

    func hold(_ keys: [Int], _ name: String) async {
      await lock.hold(keys)
      notes.append(name)
    }
    func release(_ keys: [Int]) { lock.release(keys) }
    func share(_ keys: [Int], _ name: String) async {
      await lock.share(keys)
      notes.append(name)
    }
    func unshare(_ keys: [Int]) { lock.unshare(keys) }
    func wait(for keys: [Int], _ name: String) async {
      await lock.waitUntilReleased(keys)
      notes.append(name)
    }
  }

  /// Returns once every task has had the chance to run as far as it can: the actor has answered many times since.
  private func settle(_ place: Place) async {
    for _ in 0..<50 {
      _ = await place.notes
      await Task.yield()
    }
  }

  @Test func `A condition wakes all that wait, and nobody who comes later`() async {
    let place = Place()
    let first = Task { await place.waitForChange("first") }
    let second = Task { await place.waitForChange("second") }
    while await place.notes.count < 2 { await Task.yield() }
    await place.wakeAll()
    await first.value
    await second.value
    #expect(await Set(place.notes) == ["first waits", "second waits", "first goes on", "second goes on"])
    let third = Task { await place.waitForChange("third") }
    while await !place.notes.contains("third waits") { await Task.yield() }
    await settle(place)
    #expect(await !place.notes.contains("third goes on"))
    await place.wakeAll()
    await third.value
  }

  @Test func `A turnstile lets through in the order of entry, whoever asks first`() async {
    let place = Place()
    let tickets = [await place.enter(), await place.enter(), await place.enter()]
    let last = Task { await place.pass(tickets[2], "third") }
    let middle = Task { await place.pass(tickets[1], "second") }
    await place.pass(tickets[0], "first")
    await settle(place)
    #expect(await place.notes == ["first"])
    #expect(await place.isFirst(tickets[0]))
    await place.leave(tickets[0])
    await middle.value
    await settle(place)
    #expect(await place.notes == ["first", "second"])
    await place.leave(tickets[1])
    await last.value
    #expect(await place.notes == ["first", "second", "third"])
  }

  @Test func `A place that was given back keeps nobody waiting, also one in the middle`() async {
    let place = Place()
    let tickets = [await place.enter(), await place.enter(), await place.enter()]
    await place.leave(tickets[1])
    await place.leave(tickets[1])
    await place.leave(tickets[0])
    #expect(await place.isFirst(tickets[2]))
    await place.pass(tickets[2], "third")
    await place.pass(tickets[1], "given back")
    #expect(await place.notes == ["third", "given back"])
  }

  @Test func `Keys that overlap are held one after the other, others beside each other`() async {
    let place = Place()
    await place.hold([1, 2, 2], "first")
    let overlapping = Task { await place.hold([2, 3], "overlapping") }
    await place.hold([4], "other")
    await settle(place)
    #expect(await place.notes == ["first", "other"])
    await place.release([1, 2, 2])
    await overlapping.value
    #expect(await place.notes == ["first", "other", "overlapping"])
  }

  @Test func `Keys are shared by several, and held only once all of them are done`() async {
    let place = Place()
    await place.share([1], "one")
    await place.share([1, 2], "two")
    await place.wait(for: [1, 2], "a look")
    let holder = Task { await place.hold([1], "holder") }
    await place.unshare([1])
    await settle(place)
    #expect(await place.notes == ["one", "two", "a look"])
    await place.unshare([1, 2])
    await holder.value
    let look = Task { await place.wait(for: [1], "later look") }
    let sharer = Task { await place.share([1], "sharer") }
    await settle(place)
    #expect(await place.notes == ["one", "two", "a look", "holder"])
    await place.release([1])
    await look.value
    await sharer.value
    #expect(await Set(place.notes.suffix(2)) == ["later look", "sharer"])
  }
}
