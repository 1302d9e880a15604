import Operations
import Testing

struct FloodGuardTests {
  @Test("A message is reported once a window, and then how often it came")
  func countsRepeats() {
    var guarded = FloodGuard<String>(window: .seconds(60))
    #expect(guarded.admit("disk full", at: .seconds(5)).isReported)
    for second in 6...64 {
      let admission = guarded.admit("disk full", at: .seconds(second))
      #expect(!admission.isReported)
      #expect(admission.repeats.isEmpty)
    }
    let next = guarded.admit("disk full", at: .seconds(65))
    #expect(next.isReported)
    #expect(next.repeats == [.init(message: "disk full", count: 59)])
    #expect(guarded.takeAllRepeats().isEmpty)
  }

  @Test("Another message reports the count of one whose window is over")
  func otherMessageClosesWindow() {
    var guarded = FloodGuard<String>(window: .seconds(60))
    _ = guarded.admit("a", at: .zero)
    _ = guarded.admit("a", at: .seconds(1))
    #expect(guarded.admit("b", at: .seconds(59)).repeats.isEmpty)
    #expect(guarded.admit("c", at: .seconds(60)).repeats == [.init(message: "a", count: 1)])
  }

  @Test("A message that came once is not reported again")
  func onceIsOnce() {
    var guarded = FloodGuard<String>()
    _ = guarded.admit("a", at: .zero)
    #expect(guarded.takeRepeats(at: .seconds(1000)).isEmpty)
    #expect(guarded.takeAllRepeats().isEmpty)
  }

  @Test("Counts are reported in the order in which the messages were reported first")
  func keepsOrder() {
    var guarded = FloodGuard<Int>(window: .seconds(60))
    for round in 0..<3 {
      for message in [7, 3, 9, 1] { _ = guarded.admit(message, at: .seconds(round)) }
    }
    #expect(guarded.takeRepeats(at: .seconds(60)).map(\.message) == [7, 3, 9, 1])
    #expect(guarded.takeRepeats(at: .seconds(60)).isEmpty)
  }

  @Test("The last counts are reported at the end, before their window is over")
  func finishes() {
    var guarded = FloodGuard<String>()
    _ = guarded.admit("a", at: .zero)
    _ = guarded.admit("a", at: .seconds(1))
    #expect(guarded.takeRepeats(at: .seconds(2)).isEmpty)
    #expect(guarded.takeAllRepeats() == [.init(message: "a", count: 1)])
  }

  @Test("It remembers no more than its capacity, and reports what it cannot remember")
  func isBounded() {
    var guarded = FloodGuard<Int>(window: .seconds(60), capacity: 2)
    for message in 0..<5 { #expect(guarded.admit(message, at: .zero).isReported) }
    #expect(!guarded.admit(1, at: .zero).isReported)
    #expect(guarded.admit(4, at: .zero).isReported)
    // There is room again once a window is over.
    #expect(guarded.admit(4, at: .seconds(60)).isReported)
    #expect(!guarded.admit(4, at: .seconds(61)).isReported)
  }
}
