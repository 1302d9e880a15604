import Forwarding
import TestSupport
import Testing

@Suite("How many events go together", .tags(.fast)) struct BatchSizeTests {
  @Test("Half of what was not answered, and a tenth more with each answer")
  func sizes() {
    var size = BatchSize()
    #expect(size.events(of: 100) == 100)
    size.unanswered(100)
    var sizes: [Int] = []
    while let limit = size.limit {
      sizes.append(limit)
      size.answered(limit, of: 100, in: .milliseconds(1), timeout: .seconds(10))
    }
    #expect(sizes == [50, 55, 60, 66, 72, 79, 86, 94])
    size.unanswered(1)
    #expect(size.limit == 1)
    size.answered(1, of: 100, in: .milliseconds(1), timeout: .seconds(10))
    #expect(size.limit == 2)
  }

  @Test("A size that takes nearly all of the time is not exceeded, and a small batch proves nothing")
  func time() {
    var size = BatchSize()
    size.unanswered(100)
    size.answered(50, of: 100, in: .seconds(8), timeout: .seconds(10))
    size.answered(3, of: 100, in: .milliseconds(1), timeout: .seconds(10))
    #expect(size.limit == 50)
    size.unanswered(50)
    #expect(size.limit == 25)
  }

  @Test("One that was answered alone shows how many fit into the time")
  func pace() {
    var size = BatchSize()
    size.answeredAlone(in: .seconds(1), timeout: .seconds(10))
    #expect(size.limit == nil)
    size.unanswered(100)
    size.answeredAlone(in: .milliseconds(1), timeout: .seconds(10))
    #expect(size.limit == 50)
    size.answeredAlone(in: .milliseconds(500), timeout: .seconds(10))
    #expect(size.limit == 14)
    size.answeredAlone(in: .seconds(9), timeout: .seconds(10))
    #expect(size.limit == 1)
    size.answeredAlone(in: .zero, timeout: .seconds(10))
    #expect(size.limit == 1)
  }
}
