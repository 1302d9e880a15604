import Catalog
import Forwarding
import TestSupport
import Testing
import Time

@Suite("The circuit", .tags(.fast))
struct CircuitTests {
  private let time = Timestamp(milliseconds: 0)
  private let trouble = Trouble("it is away")

  /// Because `#expect` cannot take an expression that changes a value.
  private func check<Value: Equatable>(_ got: Value, _ wanted: Value, at place: SourceLocation = #_sourceLocation) {
    #expect(got == wanted, sourceLocation: place)
  }

  private func opened(at now: Duration = .zero, retryAfter: Duration? = nil) -> Circuit {
    var circuit = Circuit(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    let isNew = circuit.open(
      for: Fault(trouble, .unreached, retryAfter: retryAfter), time: time, now: now)
    #expect(isNew)
    return circuit
  }

  @Test("Closed, it lets everything pass")
  func closed() {
    var circuit = Circuit(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    check(circuit.admit(at: .zero), .send)
    check(circuit.admit(at: .zero), .send)
    check(circuit.close(), nil)
  }

  @Test("Open, it lets one probe pass once its time has come")
  func probe() {
    var circuit = opened()
    check(circuit.admit(at: .zero), .wait(.seconds(5)))
    check(circuit.admit(at: .milliseconds(4999)), .wait(.milliseconds(1)))
    check(circuit.admit(at: .seconds(5)), .probe(.oldest))
    check(circuit.admit(at: .seconds(5)), .wait(nil))
    #expect(circuit.opening?.trouble == trouble)
    check(circuit.close()?.since, time)
    check(circuit.admit(at: .seconds(5)), .send)
  }

  @Test("Probes come at intervals that double up to a maximum")
  func doubling() {
    var circuit = opened()
    var now = Duration.seconds(5)
    var waits: [Duration] = []
    for _ in 0..<8 {
      check(circuit.admit(at: now), .probe(.oldest))
      check(circuit.open(for: Fault(trouble, .unreached), probe: .oldest, time: time, now: now), false)
      guard case .wait(let wait?) = circuit.admit(at: now) else { return #expect(Bool(false)) }
      waits.append(wait)
      now += wait
    }
    #expect(waits == [10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
  }

  @Test("After a recovery the intervals begin again")
  func startAgain() {
    var circuit = opened()
    _ = circuit.admit(at: .seconds(5))
    _ = circuit.open(for: Fault(trouble, .unreached), probe: .oldest, time: time, now: .seconds(5))
    _ = circuit.admit(at: .seconds(15))
    _ = circuit.close()
    check(circuit.open(for: Fault(trouble, .unreached), time: time, now: .seconds(15)), true)
    check(circuit.admit(at: .seconds(15)), .wait(.seconds(5)))
  }

  @Test("Where it only refused something, and opens again before long, the intervals go on")
  func doubtful() {
    var circuit = opened()
    _ = circuit.admit(at: .seconds(5))
    check(circuit.close(refusingAt: .seconds(5))?.interval, .seconds(5))
    check(circuit.admit(at: .seconds(5)), .send)
    check(circuit.open(for: Fault(trouble, .unreached), time: time, now: .seconds(6)), true)
    check(circuit.admit(at: .seconds(6)), .wait(.seconds(10)))
    check(circuit.admit(at: .seconds(16)), .probe(.oldest))
    _ = circuit.close(refusingAt: .seconds(16))
    #expect(circuit.isDoubtful(at: .seconds(316)) && !circuit.isDoubtful(at: .seconds(317)))
    // Every other refusal says just as little.
    circuit.refuse(at: .seconds(20))
    #expect(circuit.isDoubtful(at: .seconds(320)))
    // Any later, and it is different trouble.
    check(circuit.open(for: Fault(trouble, .unreached), time: time, now: .seconds(321)), true)
    check(circuit.admit(at: .seconds(321)), .wait(.seconds(5)))
    _ = circuit.admit(at: .seconds(326))
    _ = circuit.close(refusingAt: .seconds(326))
    // Something was acknowledged meanwhile.
    check(circuit.close(), nil)
    #expect(!circuit.isDoubtful(at: .seconds(326)))
    check(circuit.open(for: Fault(trouble, .unreached), time: time, now: .seconds(327)), true)
    check(circuit.admit(at: .seconds(327)), .wait(.seconds(5)))
  }

  @Test("A probe that was refused, and helped nobody, counts as one that failed")
  func fruitless() {
    var circuit = opened()
    var now = Duration.seconds(5)
    var probes: [Probe] = []
    for _ in 0..<4 {
      guard case .probe(let probe) = circuit.admit(at: now) else { return #expect(Bool(false)) }
      probes.append(probe)
      _ = circuit.close(refusingAt: now)
      check(circuit.open(for: Fault(trouble, .answered), time: time, now: now), true)
      now += circuit.opening?.interval ?? .zero
    }
    #expect(probes == [.oldest, .oldest, .other(newest: false), .oldest])
  }

  @Test("What was under way when it opened changes nothing")
  func latecomers() {
    var circuit = opened()
    check(circuit.open(for: Fault(Trouble("late"), .unreached), time: time, now: .seconds(4)), false)
    #expect(circuit.opening?.trouble == trouble)
    check(circuit.admit(at: .seconds(5)), .probe(.oldest))
    check(circuit.open(for: Fault(Trouble("late"), .unreached), time: time, now: .seconds(5)), false)
    check(circuit.admit(at: .seconds(5)), .wait(nil))
  }

  @Test("What was under way when it opened, and is refused, does not close it; what is acknowledged does")
  func refusedLatecomers() throws {
    var lifecycle = Lifecycle(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    let options = try ForwardingOptions.simulated
    func take(_ outcome: BatchDelivery.Outcome, of number: Int64) {
      _ = lifecycle.take(
        outcome, of: [makeEvent(number)], probe: nil, took: .zero, options, time: time, now: .seconds(1))
    }
    take(BatchDelivery.Outcome(signal: .fails(Fault(trouble, .refused))), of: 1)
    check(lifecycle.circuit.opening?.trouble, trouble)
    take(BatchDelivery.Outcome(refusedAlone: [makeEvent(2)], signal: .works), of: 2)
    check(lifecycle.circuit.opening?.trouble, trouble)
    take(BatchDelivery.Outcome(acknowledged: [makeEvent(3)], signal: .works), of: 3)
    check(lifecycle.circuit.opening, nil)
  }

  @Test("A probe that was given up says nothing, and the next may go at once")
  func abandoned() {
    var circuit = opened()
    _ = circuit.admit(at: .seconds(5))
    circuit.abandonProbe(at: .seconds(6))
    check(circuit.admit(at: .seconds(6)), .probe(.oldest))
    #expect(circuit.opening?.interval == .seconds(5))
  }

  @Test("A pause that is ended while a probe is under way is over when it has failed, and the next is as long as ever")
  func hastened() {
    var circuit = opened()
    check(circuit.admit(at: .seconds(5)), .probe(.oldest))
    circuit.hasten(at: .seconds(6))
    check(circuit.admit(at: .seconds(6)), .wait(nil))
    _ = circuit.open(for: Fault(trouble, .unreached), probe: .oldest, time: time, now: .seconds(7))
    check(circuit.admit(at: .seconds(7)), .probe(.oldest))
    _ = circuit.open(for: Fault(trouble, .unreached), probe: .oldest, time: time, now: .seconds(8))
    check(circuit.admit(at: .seconds(8)), .wait(.seconds(20)))
  }

  @Test("Who does not wait gets three single probes, and none where nothing gets through to the webhook")
  func atOnce() {
    var circuit = Circuit(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    check(circuit.admitAtOnce(), nil)
    _ = circuit.open(for: Fault(trouble, .answered), time: time, now: .zero)
    for probe in [Probe.other(newest: false), .other(newest: true), .other(newest: false)] {
      check(circuit.admitAtOnce(), probe)
      check(circuit.admitAtOnce(), nil)
      _ = circuit.open(for: Fault(trouble, .answered), probe: probe, time: time, now: .zero)
    }
    check(circuit.admitAtOnce(), nil)
    _ = circuit.close()
    _ = circuit.open(for: Fault(trouble, .unanswered), time: time, now: .zero)
    check(circuit.admitAtOnce(), .leastSent)
    _ = circuit.open(for: Fault(trouble, .unreached), probe: .leastSent, time: time, now: .zero)
    check(circuit.admitAtOnce(), nil)
  }

  @Test("Retry-After puts the next probe off")
  func retryAfter() {
    var circuit = opened(retryAfter: .seconds(60))
    check(circuit.admit(at: .seconds(5)), .wait(.seconds(55)))
    _ = circuit.admit(at: .seconds(60))
    _ = circuit.open(
      for: Fault(trouble, .unreached, retryAfter: .seconds(1)), probe: .oldest, time: time, now: .seconds(60))
    check(circuit.admit(at: .seconds(60)), .wait(.seconds(10)))
  }

  @Test("A start of n8n is asked again at the first interval, for as long as it lasts")
  func starting() {
    var circuit = opened()
    var now = Duration.seconds(5)
    let start = Fault(Trouble("n8n is starting up", httpStatus: 404, isStart: true), .answered, mendsItself: true)
    for _ in 0..<5 {
      check(circuit.admit(at: now), .probe(circuit.opening.map(\.probes.next) ?? .oldest))
      check(circuit.open(for: start, probe: .oldest, time: time, now: now), false)
      check(circuit.admit(at: now), .wait(.seconds(5)))
      now += .seconds(5)
    }
  }

  @Test("What starts again and again has the intervals of any other trouble")
  func restless() {
    var circuit = opened()
    var (now, probes) = (Duration.seconds(5), 0)
    let start = Fault(Trouble("n8n is starting up", httpStatus: 200, isStart: true), .answered, mendsItself: true)
    while now < .seconds(3600) {
      check(circuit.admit(at: now), .probe(circuit.opening.map(\.probes.next) ?? .oldest))
      // Sometimes it is refused, which helps nobody, and sometimes it is a start.
      if probes.isMultiple(of: 2) {
        _ = circuit.close(refusingAt: now)
        check(circuit.open(for: start, time: time, now: now), true)
      } else {
        check(circuit.open(for: start, probe: .oldest, time: time, now: now), false)
      }
      guard case .open(_, let next) = circuit.state else { return #expect(Bool(false)) }
      probes += 1
      now = next
    }
    // A minute of them every 5 s, and the growth to the longest interval, occur at most once in that time.
    #expect(probes <= 18 * 3600 / 375 + 1, "\(probes)")
  }

  @Test("It has recovered once an event is acknowledged, not once one is refused")
  func recovery() throws {
    var lifecycle = Lifecycle(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    let options = try ForwardingOptions.simulated
    var now = Duration.zero
    func take(_ outcome: BatchDelivery.Outcome, _ number: Int64, _ probe: Probe? = nil) -> Lifecycle.Consequence {
      lifecycle.take(outcome, of: [makeEvent(number)], probe: probe, took: .zero, options, time: time, now: now)
    }
    _ = take(BatchDelivery.Outcome(signal: .fails(Fault(trouble, .answered))), 1)
    now = .seconds(6)
    check(lifecycle.admit(at: now), .probe(.oldest))
    let refused = take(BatchDelivery.Outcome(refusedAlone: [makeEvent(1)], signal: .works), 1, .oldest)
    #expect(refused.closed != nil && refused.recovered == nil)
    #expect(lifecycle.isDoubtful(at: now))
    let taken = take(BatchDelivery.Outcome(acknowledged: [makeEvent(2)], signal: .works), 2)
    #expect(taken.closed == nil && taken.recovered?.trouble == trouble)
    #expect(take(BatchDelivery.Outcome(acknowledged: [makeEvent(3)], signal: .works), 3) == Lifecycle.Consequence())
  }

  @Test("The event that was sent in vain least often shows whose fault it is")
  func contrast() throws {
    var lifecycle = Lifecycle(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    let options = try ForwardingOptions.simulated
    let events = (1...4).map { makeEvent($0) }
    func take(_ outcome: BatchDelivery.Outcome, _ number: Int64) {
      _ = lifecycle.take(outcome, of: [makeEvent(number)], probe: nil, took: .zero, options, time: time, now: .zero)
    }
    func chosen() -> [Int64?] {
      [false, true].map { lifecycle.contrast(of: events, to: [], isNewest: $0)?.sequence }
    }
    #expect(chosen() == [1, 4])
    for number: Int64 in [1, 4] { take(BatchDelivery.Outcome(signal: .fails(Fault(trouble, .unanswered))), number) }
    #expect(chosen() == [2, 3])
    _ = lifecycle.take(.refused, accused: [], others: [makeEvent(2)], trouble: trouble, time: time, now: .zero)
    #expect(chosen() == [3, 3])
  }

  @Test("After two probes that were answered, every other one carries other content")
  func order() {
    func probes(_ kind: Fault.Kind) -> [Probe] {
      var order = ProbeOrder()
      return (0..<7).map { _ in
        let probe = order.next
        order.didFail(with: Fault(trouble, kind), probe)
        return probe
      }
    }
    #expect(
      probes(.answered) == [
        .oldest, .oldest, .other(newest: false), .oldest, .other(newest: true), .oldest, .other(newest: false),
      ])
    #expect(probes(.unreached) == Array(repeating: .oldest, count: 7))
    #expect(probes(.unanswered) == [.oldest] + Array(repeating: .leastSent, count: 6))
  }

  @Test("A flush ends all pauses")
  func flush() {
    var circuit = opened(retryAfter: .seconds(60))
    circuit.hasten(at: .seconds(1))
    check(circuit.admit(at: .seconds(1)), .probe(.oldest))
  }

  @Test("Silence that was asked for holds while it is closed")
  func silence() {
    var circuit = Circuit(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    circuit.beSilent(for: .seconds(7), at: .seconds(1))
    circuit.beSilent(for: .seconds(1), at: .seconds(2))
    check(circuit.admit(at: .seconds(2)), .wait(.seconds(6)))
    #expect(circuit.opening == nil)
    check(circuit.admit(at: .seconds(8)), .send)
  }

  @Test("An answer to what was under way does not end a silence")
  func silenceIsKept() {
    var circuit = Circuit(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    circuit.beSilent(for: .seconds(60), at: .zero)
    check(circuit.close(), nil)
    check(circuit.admit(at: .seconds(1)), .wait(.seconds(59)))
  }

  @Test("A silence outlasts the opening: no probe goes out before it ends")
  func silenceWhileOpen() {
    var circuit = Circuit(intervals: Backoff(first: .seconds(5), maximum: .seconds(300)))
    circuit.beSilent(for: .seconds(60), at: .zero)
    check(circuit.open(for: Fault(trouble, .unreached), time: time, now: .seconds(1)), true)
    check(circuit.admit(at: .seconds(6)), .wait(.seconds(54)))
    check(circuit.admit(at: .seconds(60)), .probe(.oldest))
  }
}
