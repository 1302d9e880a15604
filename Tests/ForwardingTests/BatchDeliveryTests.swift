import EventStore
import Events
import Forwarding
import Schedules
import TestSupport
import Testing

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

  /// What a whole delivery came to.
  private struct Course {
    var requests: [[Int64]] = []
    var acknowledged: [Int64] = []
    var refused: [Int64] = []
    var undelivered: [Int64] = []
    var workflowFailed: [Int64] = []
    var openings = 0
  }

  private func run(
    _ delivery: BatchDelivery, limit: Int = 1000, isProbe: (Int) -> Bool = { _ in false },
    _ answer: ([Int64]) -> AnswerClass
  ) -> Course {
    var delivery = delivery
    var course = Course()
    while let events = delivery.next, course.requests.count < limit {
      let numbers = events.map(\.sequence)
      course.requests.append(numbers)
      let outcome = delivery.take(answer(numbers), isProbe: isProbe(course.requests.count), random: 1)
      course.acknowledged += outcome.acknowledged.map(\.sequence)
      course.refused += outcome.failed.filter { $0.kind == .refused }.map(\.event.sequence)
      course.undelivered += outcome.failed.filter { $0.kind == .undelivered }.map(\.event.sequence)
      course.workflowFailed += outcome.failed.filter { $0.kind == .workflowFailed }.map(\.event.sequence)
      if case .fails = outcome.signal { course.openings += 1 }
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
    #expect(last.signal == .fails(Self.trouble, retryAfter: nil, isNarrowing: false))
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

  @Test(
    "An event that the workflow fails of: attempts, then within 15 requests it is found; it never counts against it")
  func poison() {
    for poison in Int64(1)...100 {
      let course = run(delivery(100, attempts: 5)) { $0.contains(poison) ? suspicious : .acknowledged }
      #expect(course.workflowFailed == [poison])
      #expect(course.refused.isEmpty)
      #expect(course.acknowledged.count == 99)
      #expect(course.requests.prefix(5).allSatisfy { $0.count == 100 })
      #expect(course.requests.count - 4 <= 15)
      #expect(course.openings == 0)
    }
  }

  @Test("A workflow that fails of everything is not searched for long")
  func failingWorkflow() {
    let course = run(delivery(100, attempts: 5)) { _ in suspicious }
    #expect(course.workflowFailed.sorted() == Array(1...100))
    #expect(course.requests.count <= 5 + 8)
    #expect(course.openings == 1)
  }

  @Test("A single event that the workflow fails of opens the circuit after its attempts")
  func failingSingle() {
    let course = run(delivery(1, attempts: 3)) { _ in suspicious }
    #expect(course.requests.count == 3)
    #expect(course.workflowFailed == [1])
    #expect(course.openings == 1)
  }

  @Test("The webhook goes away while an event is sought: what is sought gets attempts of its own")
  func awayWhileSeeking() {
    var answers = [suspicious, suspicious, away, AnswerClass.acknowledged, suspicious, .acknowledged, suspicious]
    let course = run(delivery(4, attempts: 2)) { _ in answers.removeFirst() }
    #expect(course.requests == [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2], [1, 2], [3, 4], [3], [4]])
    #expect(course.acknowledged == [1, 2, 3])
    #expect(course.workflowFailed == [4])
  }

  @Test("Probes that the workflow fails of get smaller, until one goes through")
  func narrowing() {
    var works = false
    func answer(_ numbers: [Int64]) -> AnswerClass {
      if numbers.contains(1) { return suspicious }
      works = true
      return .acknowledged
    }
    let few = run(delivery(8), isProbe: { _ in !works }, answer)
    #expect(few.requests == [[1, 2, 3, 4, 5, 6, 7, 8], [1], [8], [2, 3, 4, 5, 6, 7], [1]])
    #expect(few.acknowledged.sorted() == Array(2...8))
    #expect(few.workflowFailed == [1])
    works = false
    let many = run(delivery(100), isProbe: { _ in !works }, answer)
    #expect(many.requests.prefix(4).map(\.count) == [100, 10, 1, 1] && many.requests[3] == [100])
    #expect(many.acknowledged.sorted() == Array(2...100))
    #expect(many.workflowFailed == [1])
  }

  @Test(
    "Where no event goes through as a probe, the batch makes room for others",
    arguments: [[1], [2, 1, 1], [10, 1, 1], [11, 10, 1, 1], [100, 10, 1, 1]])
  func narrowingInVain(probes: [Int]) {
    let count = probes[0]
    var delivery = delivery(count)
    var requests: [Int] = []
    while let events = delivery.next {
      requests.append(events.count)
      let outcome = delivery.take(suspicious, isProbe: true, random: 1)
      #expect(outcome.failed.isEmpty && outcome.acknowledged.isEmpty)
    }
    #expect(requests == probes)
    #expect(delivery.suspects.map(\.sequence).sorted() == Array(1...Int64(count)))
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

  @Test("What the answer never names stays pending: it is sent with the attempts, then put back")
  func unnamed() {
    let others = run(delivery(2, attempts: 3)) { numbers in .results(numbers.map { $0 == 1 ? .unnamed : .acknowledged })
    }
    #expect(others.requests == [[1, 2], [1], [1]])
    #expect(others.acknowledged == [2])
    #expect(others.undelivered.isEmpty && others.refused.isEmpty)
    #expect(others.openings == 0)
    // Where nothing is ever named, it is the endpoint.
    let none = run(delivery(2, attempts: 3)) { $0.map { _ in .unnamed }.asResults }
    #expect(none.requests.count == 3)
    #expect(none.undelivered.isEmpty)
    #expect(none.openings == 1)
  }

  @Test("A probe whose answer names nothing leaves the circuit open, and makes room for another batch")
  func unnamedProbe() {
    let course = run(delivery(2, attempts: 3), isProbe: { _ in true }) { $0.map { _ in .unnamed }.asResults }
    #expect(course.requests.count == 1)
    #expect(course.openings == 1)
    #expect(course.undelivered.isEmpty)
  }

  @Test("What was put off has one attempt at being named, which says nothing of the webhook", arguments: [false, true])
  func unnamedOnceMore(isProbe: Bool) {
    var delivery = BatchDelivery(
      events: events(2), attempts: 3, backoff: Backoff(first: .seconds(1), maximum: .seconds(30)), isPutOff: true)
    let outcome = delivery.take([.unnamed, .unnamed].asResults, isProbe: isProbe, random: 1)
    #expect(outcome == BatchDelivery.Outcome())
    #expect(delivery.next == nil && delivery.unnamed.count == 2)
  }

  @Test("Fewer results than events leave the rest pending")
  func tooFew() {
    var delivery = delivery(3)
    let outcome = delivery.take(.results([.acknowledged]), isProbe: false, random: 1)
    #expect(outcome.acknowledged.count == 1)
    #expect(delivery.next?.map(\.sequence) == [2, 3])
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

  @Test("Whatever is answered, no event is lost or told twice")
  func random() {
    var generator = SplitMix(state: 7)
    for _ in 0..<500 {
      let count = Int.random(in: 1...40, using: &generator)
      var told: [Int64] = []
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
        let outcome = delivery.take(
          answers.randomElement(using: &generator) ?? away, isProbe: Bool.random(using: &generator), random: 1)
        told += outcome.acknowledged.map(\.sequence) + outcome.failed.map(\.event.sequence)
      }
      told += delivery.suspects.map(\.sequence)
      #expect(told.sorted() == Array(1...Int64(count)))
    }
  }
}

extension [EventResult] {
  fileprivate var asResults: AnswerClass { .results(self) }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
