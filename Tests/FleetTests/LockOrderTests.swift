import Testing

struct LockOrderTests {
  @Test("Portions whose ids are sorted cannot keep each other waiting; others can")
  func order() {
    let portions = [[0, 1, 2, 3], [3, 1, 2, 0], [2, 0], [1, 3, 0], [3, 2, 1, 0]]
    var states = 0
    var stuck = 0
    for one in portions {
      for other in portions {
        let sorted = LockOrder(Pair(one.sorted(), other.sorted())).walk()
        #expect(!sorted.isStuck)
        states += sorted.states
        if LockOrder(Pair(one, other)).walk().isStuck { stuck += 1 }
      }
    }
    print("lock order: \(states) states, \(stuck) pairs of unsorted portions can block each other")
    #expect(stuck > 0)
  }
}
