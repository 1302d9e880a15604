/// Two statements that each lock several rows until they end: whether the order in which they do so can deadlock.
struct LockOrder: Hashable {
  /// The rows that each statement locks, in its order.
  let statements: Pair<[Int]>
  /// How many each has locked; nil once it has ended.
  private var locked: Pair<Int?> = Pair(both: 0)

  init(_ statements: Pair<[Int]>) { self.statements = statements }

  private var successors: [LockOrder] {
    Pair<Int>.indices.compactMap { number in
      guard let count = locked[number] else { return nil }
      var next = self
      guard count < statements[number].count else {
        next.locked[number] = nil
        return next
      }
      let other = 1 - number
      let isHeld = statements[other].prefix(locked[other] ?? 0).contains(statements[number][count])
      guard !isHeld else { return nil }
      next.locked[number] = count + 1
      return next
    }
  }

  /// Walks all orders.
  ///
  /// - Returns: The number of states, and whether both can wait for each other.
  func walk() -> (states: Int, isStuck: Bool) {
    var seen: Set<LockOrder> = [self]
    var open = [self]
    var isStuck = false
    while let state = open.popLast() {
      let next = state.successors
      if next.isEmpty, Pair<Int>.indices.contains(where: { state.locked[$0] != nil }) { isStuck = true }
      for state in next where seen.insert(state).inserted { open.append(state) }
    }
    return (seen.count, isStuck)
  }
}
