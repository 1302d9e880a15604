import Catalog
import Events
import Forwarding
import TestSupport
import Testing
import Time

@Suite("The way of a batch", .tags(.fast))
struct BatchDeliveryTests {
  private static let trouble = Trouble("no", httpStatus: 500)
  private let away = AnswerClass.transient(trouble, retryAfter: nil)
  private let refused = AnswerClass.refused(trouble)
  private let suspicious = AnswerClass.suspicious(trouble)
  private let broken = AnswerClass.endpoint(trouble)

  private func delivery(_ count: Int, attempts: Int = 5) -> BatchDelivery {
    BatchDelivery(
      events: events(count), attempts: attempts, backoff: Backoff(first: .seconds(1), maximum: .seconds(30)))
  }

  private func events(_ count: Int) -> [PendingEvent] {
    count == 0 ? [] : (1...Int64(count)).map { makeEvent($0) }
  }

  /// The course of a whole delivery.
  private struct Course {
    var requests: [[Int64]] = []
    var acknowledged: [Int64] = []
    var refused: [Int64] = []
    var undelivered: [Int64] = []
    var contrasts = 0
    var openings = 0
  }

  private func run(
    _ delivery: BatchDelivery, limit: Int = 1000, isProbe: (Int) -> Bool = { _ in false }, contrast: Bool = false,
    _ answer: ([Int64]) -> AnswerClass
  ) -> Course {
    var delivery = delivery
    var course = Course()
    while let events = delivery.next, course.requests.count < limit {
      let numbers = events.map(\.sequence)
      course.requests.append(numbers)
      let outcome = delivery.take(answer(numbers), isProbe: isProbe(course.requests.count), random: 1)
      func note(_ outcome: BatchDelivery.Outcome) {
        course.acknowledged += outcome.acknowledged.map(\.sequence)
        course.refused += outcome.failed.filter { $0.kind == .refused }.map(\.event.sequence)
        course.undelivered += outcome.failed.filter { $0.kind == .undelivered }.map(\.event.sequence)
        if case .fails = outcome.signal { course.openings += 1 }
      }
      note(outcome)
      guard delivery.wantsContrast else { continue }
      course.contrasts += 1
      note(delivery.takeContrast(contrast))
    }
    return course
  }

  @Test("Acknowledged at once")
  func simple() {
    let course = run(delivery(3)) { _ in .acknowledged }
    #expect(course.requests == [[1, 2, 3]])
    #expect(course.acknowledged == [1, 2, 3])
    #expect(delivery(0).next == nil)
  }

  @Test("Transient: so many attempts in all, waits that double, then the files move and the circuit opens")
  func transientClass() {
    var delivery = delivery(2, attempts: 5)
    var waits: [Duration] = []
    for _ in 0..<4 {
      let outcome = delivery.take(away, isProbe: false, random: 1)
      #expect(outcome.failed.isEmpty)
      #expect(outcome.signal == .none)
      #expect(delivery.next?.count == 2)
      waits.append(outcome.wait)
    }
    #expect(waits == [1, 2, 4, 8].map { .seconds($0) })
    let last = delivery.take(away, isProbe: false, random: 1)
    #expect(last.failed.map(\.kind) == [.undelivered, .undelivered])
    #expect(last.signal == .fails(Fault(Self.trouble, .answered, mendsItself: true)))
    #expect(delivery.next == nil)
  }

  @Test("Jitter goes down to nothing")
  func jitter() {
    var delivery = delivery(1)
    #expect(delivery.take(away, isProbe: false, random: 0).wait == .zero)
    #expect(delivery.take(away, isProbe: false, random: 0.5).wait == .seconds(1))
  }

  @Test("Retry-After is asked of everybody where it is longer than our own wait")
  func retryAfter() {
    var delivery = delivery(1)
    let long = delivery.take(.transient(Self.trouble, retryAfter: .seconds(60)), isProbe: false, random: 1)
    #expect(long.signal == .wantsSilence(.seconds(60)))
    let short = delivery.take(.transient(Self.trouble, retryAfter: .seconds(1)), isProbe: false, random: 1)
    #expect(short.signal == .none)
    #expect(short.wait == .seconds(2))
  }

  @Test("Endpoint: no attempt is spent, however often it fails")
  func endpointClass() {
    let course = run(delivery(2, attempts: 2), limit: 50) { _ in broken }
    #expect(course.requests.count == 50)
    #expect(course.openings == 50)
    #expect(course.undelivered.isEmpty && course.refused.isEmpty)
  }

  @Test("A probe that finds the webhook away spends no attempt")
  func probe() {
    let course = run(delivery(2, attempts: 2), limit: 50, isProbe: { _ in true }) { _ in away }
    #expect(course.requests.count == 50)
    #expect(course.undelivered.isEmpty)
    #expect(course.openings == 50)
  }

  @Test("The one refused event among a hundred is found within 15 requests, wherever it is")
  func oneRefused() {
    for poison in Int64(1)...100 {
      let course = run(delivery(100)) { $0.contains(poison) ? refused : .acknowledged }
      #expect(course.refused == [poison])
      #expect(course.acknowledged == (1...100).filter { $0 != poison })
      #expect(course.requests.count <= 15)
      #expect(course.openings == 0)
    }
  }

  @Test("Several refused events stand alone, and the others keep their order")
  func severalRefused() {
    let poison: Set<Int64> = [2, 3, 7]
    let course = run(delivery(8)) { poison.isDisjoint(with: $0) ? .acknowledged : refused }
    #expect(course.refused == [2, 3, 7])
    #expect(course.acknowledged == [1, 4, 5, 6, 8])
  }

  @Test("All refused")
  func allRefused() {
    let course = run(delivery(4)) { _ in refused }
    #expect(course.refused == [1, 2, 3, 4])
    #expect(course.requests.count == 7)
    #expect(course.openings == 0)
  }

  @Test("Too large together, and not by itself")
  func tooLarge() {
    let course = run(delivery(10)) { $0.count > 3 ? refused : .acknowledged }
    #expect(course.acknowledged == Array(1...10))
    #expect(course.refused.isEmpty)
  }

  @Test("An event that the workflow fails of: attempts, then within 15 requests it is found, and counts as refused")
  func poison() {
    for poison in Int64(1)...100 {
      let course = run(delivery(100, attempts: 5)) { $0.contains(poison) ? suspicious : .acknowledged }
      #expect(course.refused == [poison])
      #expect(course.undelivered.isEmpty)
      #expect(course.acknowledged.count == 99)
      #expect(course.requests.prefix(5).allSatisfy { $0.count == 100 })
      #expect(course.requests.count - 4 <= 15)
      #expect(course.openings == 0)
    }
  }

  @Test("A workflow that fails of everything is not searched for long")
  func failingWorkflow() {
    let course = run(delivery(100, attempts: 5)) { _ in suspicious }
    #expect(course.undelivered.sorted() == Array(1...100))
    #expect(course.refused.isEmpty)
    #expect(course.requests.count <= 5 + 8)
    #expect(course.openings == 1)
  }

  @Test(
    "A single event that the workflow fails of is at fault only where another one goes through",
    arguments: [true, false])
  func failingSingle(contrast: Bool) {
    let course = run(delivery(1, attempts: 3), contrast: contrast) { _ in suspicious }
    #expect(course.requests.count == 3)
    #expect(course.refused == (contrast ? [1] : []) && course.undelivered == (contrast ? [] : [1]))
    #expect(course.openings == (contrast ? 0 : 1))
  }

  @Test("What had no answer is not sent again at once, in whatever part")
  func unanswered() {
    var delivery = delivery(4)
    let outcome = delivery.take(.unanswered(Self.trouble), isProbe: false, random: 1)
    #expect(outcome == BatchDelivery.Outcome(signal: .fails(Fault(Self.trouble, .unanswered, mendsItself: true))))
    #expect(delivery.next?.count == 4)
  }

  // MARK: Suspects

  private func suspected(_ count: Int) -> BatchDelivery {
    BatchDelivery(
      events: events(count), attempts: 5, backoff: Backoff(first: .seconds(1), maximum: .seconds(30)),
      suspects: Dictionary(uniqueKeysWithValues: events(count).map { ($0.eventId, (count + 1) / 2) }))
  }

  @Test("What failed while others went through is sent in halves, without attempts, whatever the answer")
  func narrowing() {
    for answer in [away, broken, suspicious, refused] {
      for poison in Int64(1)...10 {
        let course = run(suspected(10)) { $0.contains(poison) ? answer : .acknowledged }
        #expect(course.refused == [poison] && course.openings == 0 && course.undelivered.isEmpty)
        #expect(course.acknowledged == (1...10).filter { $0 != poison })
        #expect(course.requests.count <= 9)
      }
    }
  }

  @Test("Where it was the webhook, the suspects go through in two requests")
  func pardoned() {
    let course = run(suspected(10)) { _ in .acknowledged }
    #expect(course.requests == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]])
  }

  @Test("A webhook that goes away meanwhile harms none of them")
  func awayMeanwhile() {
    var delivery = suspected(10)
    var requests = 0
    while delivery.next != nil, !delivery.wantsContrast {
      requests += 1
      let outcome = delivery.take(away, isProbe: false, random: 1)
      #expect(outcome.failed.isEmpty)
    }
    #expect(requests <= 6)
    let end = delivery.takeContrast(false)
    #expect(end.failed.isEmpty)
    guard case .fails = end.signal else { return #expect(Bool(false)) }
    #expect(delivery.giveUp().isEmpty)
  }

  @Test("A probe that fails spends nothing, and is not taken apart")
  func probeFails() {
    for answer in [away, broken, suspicious, AnswerClass.unanswered(Self.trouble)] {
      var delivery = delivery(8)
      let outcome = delivery.take(answer, isProbe: true, random: 1)
      #expect(outcome.failed.isEmpty && outcome.refusedAlone.isEmpty && delivery.next?.count == 8)
      guard case .fails = outcome.signal else { return #expect(Bool(false)) }
    }
    // The webhook works, unless the circuit is open because everything was refused.
    var alive = delivery(8)
    #expect(alive.take(refused, isProbe: true, random: 1).signal == .works)
    var refusing = delivery(8)
    #expect(
      refusing.take(refused, isProbe: true, isRefusing: true, random: 1).signal == .fails(Fault(Self.trouble, .refused))
    )
  }

  @Test("A batch that is larger than a request may be is sent in several, in order")
  func portions() {
    func requests(maxEvents: Int, maxBytes: Int) -> [[Int64]] {
      let delivery = BatchDelivery(
        events: events(7), attempts: 2, backoff: Backoff(first: .seconds(1), maximum: .seconds(1)),
        maxEvents: maxEvents, maxBytes: maxBytes)
      return run(delivery) { _ in .acknowledged }.requests
    }
    // Each has 50 bytes.
    #expect(requests(maxEvents: 3, maxBytes: 1000) == [[1, 2, 3], [4, 5, 6], [7]])
    #expect(requests(maxEvents: 7, maxBytes: 350) == [[1, 2, 3, 4, 5, 6, 7]])
    #expect(requests(maxEvents: 7, maxBytes: 149) == [[1, 2], [3, 4], [5, 6], [7]])
    #expect(requests(maxEvents: 7, maxBytes: 10) == (1...7).map { [$0] })
    #expect(requests(maxEvents: 0, maxBytes: 0) == (1...7).map { [$0] })
  }

  // MARK: Results

  @Test("Results: acknowledged, rejected, and the rest again")
  func results() {
    var delivery = delivery(4)
    let first = delivery.take(
      .results([.acknowledged, .reject("no"), .retry(nil), .acknowledged]), isProbe: false, random: 1)
    #expect(first.acknowledged.map(\.sequence) == [1, 4])
    #expect(first.failed.map(\.event.sequence) == [2])
    #expect(first.failed.map(\.kind) == [.refused])
    #expect(first.failed.first?.trouble.summary.contains("no") == true)
    #expect(first.signal == .works)
    #expect(first.wait == .seconds(1))
    #expect(delivery.next?.map(\.sequence) == [3])
    let second = delivery.take(.results([.acknowledged]), isProbe: false, random: 1)
    #expect(second.acknowledged.map(\.sequence) == [3])
    #expect(second.wait == .zero)
    #expect(delivery.next == nil)
  }

  @Test("An event that is never done moves after the attempts, and closes nothing where others went through")
  func neverDone() {
    let course = run(delivery(2, attempts: 3)) { numbers in
      .results(numbers.map { $0 == 1 ? .retry("busy") : .acknowledged })
    }
    #expect(course.requests == [[1, 2], [1], [1]])
    #expect(course.undelivered == [1])
    #expect(course.acknowledged == [2])
    #expect(course.openings == 0)
  }

  @Test("A batch of which nothing is ever done opens the circuit")
  func nothingDone() {
    let course = run(delivery(2, attempts: 3)) { $0.map { _ in .retry(nil) }.asResults }
    #expect(course.requests.count == 3)
    #expect(course.undelivered == [1, 2])
    #expect(course.openings == 1)
  }

  @Test("What the answer does not name stays pending, and is not sent again before others")
  func unnamed() {
    let others = run(delivery(2, attempts: 3)) { numbers in .results(numbers.map { $0 == 1 ? .unnamed : .acknowledged })
    }
    #expect(others.requests == [[1, 2]])
    #expect(others.acknowledged == [2])
    #expect(others.undelivered.isEmpty && others.refused.isEmpty)
    #expect(others.openings == 0)
  }

  @Test("Fewer results than events leave the rest pending")
  func tooFew() {
    var delivery = delivery(3)
    let outcome = delivery.take(.results([.acknowledged]), isProbe: false, random: 1)
    #expect(outcome.acknowledged.count == 1)
    #expect(outcome.failed.isEmpty && delivery.next == nil)
  }

  @Test("Events whose records have gone are sent no more")
  func withdrawn() {
    var delivery = delivery(3)
    delivery.withdraw([makeEvent(2)])
    #expect(delivery.next?.map(\.sequence) == [1, 3])
    delivery.withdraw([makeEvent(1), makeEvent(3)])
    #expect(delivery.next == nil)
    #expect(delivery.take(.acknowledged, isProbe: false, random: 1) == BatchDelivery.Outcome())
  }

  @Test("Whatever is answered, no event is lost or reported twice")
  func random() {
    var generator = SplitMix(state: 7)
    for _ in 0..<500 {
      let count = Int.random(in: 1...40, using: &generator)
      var reported: [Int64] = []
      var delivery = delivery(count, attempts: Int.random(in: 1...4, using: &generator))
      var steps = 0
      while let events = delivery.next {
        steps += 1
        guard steps < 10_000 else { break }
        let answers: [AnswerClass] = [
          .acknowledged, away, refused, suspicious,
          .results(
            events.map { _ in
              [.acknowledged, .retry(nil), .reject(nil)].randomElement(using: &generator) ?? .retry(nil)
            }),
        ]
        func note(_ outcome: BatchDelivery.Outcome) {
          reported += outcome.acknowledged.map(\.sequence) + outcome.failed.map(\.event.sequence)
        }
        note(
          delivery.take(
            answers.randomElement(using: &generator) ?? away, isProbe: Bool.random(using: &generator), random: 1))
        if delivery.wantsContrast { note(delivery.takeContrast(Bool.random(using: &generator))) }
      }
      reported += delivery.giveUp().map(\.event.sequence)
      #expect(reported.sorted() == Array(1...Int64(count)))
    }
  }
}

extension [EventResult] {
  fileprivate var asResults: AnswerClass { .results(self) }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
