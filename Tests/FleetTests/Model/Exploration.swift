/// Walks all reachable states, and reports which sentence does not hold.
struct Exploration {
  /// How many states there are.
  private(set) var states = 0
  /// How many of them are ends.
  private(set) var ends = 0
  private(set) var violation: Violation?
  /// The steps that lead to the violation.
  private(set) var path: [FleetModel.Step] = []

  /// - Parameters:
  ///   - model: The possible steps.
  ///   - first: The first state.
  init(_ model: FleetModel, from first: FleetState) {
    var index: [FleetState: Int32] = [first: 0]
    var list = [first]
    var parents: [(Int32, FleetModel.Step)] = [(-1, .dump)]
    var edges: [(from: Int32, to: Int32)] = []
    var endStates: [Int32] = []
    var next = 0
    func path(to state: Int32) -> [FleetModel.Step] {
      var steps: [FleetModel.Step] = []
      var state = state
      while parents[Int(state)].0 >= 0 {
        steps.append(parents[Int(state)].1)
        state = parents[Int(state)].0
      }
      return steps.reversed()
    }
    while next < list.count {
      let state = list[next]
      if let found = state.violation ?? (state.isAtEnd ? state.violationAtEnd : nil) {
        (states, violation, self.path) = (list.count, found, path(to: Int32(next)))
        return
      }
      if state.isAtEnd { endStates.append(Int32(next)) }
      for (step, successor) in model.successors(of: state) {
        let number: Int32
        if let known = index[successor] {
          number = known
        } else {
          number = Int32(list.count)
          index[successor] = number
          list.append(successor)
          parents.append((Int32(next), step))
        }
        if step.isProgress { edges.append((Int32(next), number)) }
      }
      next += 1
    }
    (states, ends) = (list.count, endStates.count)
    // From each state an end can be reached, without further bad luck.
    if let stuck = Self.firstStuck(count: list.count, edges, endStates) {
      (violation, self.path) = (.deadlock, path(to: stuck))
    }
  }

  private static func firstStuck(count: Int, _ edges: [(from: Int32, to: Int32)], _ ends: [Int32]) -> Int32? {
    var first = [Int32](repeating: -1, count: count)
    var following = [Int32](repeating: -1, count: edges.count)
    for (number, edge) in edges.enumerated() {
      following[number] = first[Int(edge.to)]
      first[Int(edge.to)] = Int32(number)
    }
    var isReached = [Bool](repeating: false, count: count)
    var open = ends
    for end in ends { isReached[Int(end)] = true }
    while let state = open.popLast() {
      var edge = first[Int(state)]
      while edge >= 0 {
        let from = edges[Int(edge)].from
        if !isReached[Int(from)] {
          isReached[Int(from)] = true
          open.append(from)
        }
        edge = following[Int(edge)]
      }
    }
    return isReached.firstIndex(of: false).map { Int32($0) }
  }
}

extension FleetState {
  /// What is wrong at the end.
  var violationAtEnd: Violation? {
    for id in Pair<Int>.indices where !isExcused[id] {
      let living = Pair<Int>.indices.filter { machines[$0].phase != .dead }
      let records = Pair<Int>.indices.filter { number in
        let machine = machines[number]
        // What a machine that will never be back has named, and the ledger does not have as stored, counts for nobody.
        let row = database.rows[id]
        return machine.tree[id] != 0 && (machine.phase != .dead || row.state == .stored && row.owner == number)
      }
      if records.count > 1 { return .severalRecords }
      guard living.contains(where: { machines[$0].drops[id] != .none }) else { continue }
      if records.isEmpty { return .noRecord }
      if records.contains(where: { machines[$0].phase != .dead && !machines[$0].isAcknowledged[id] }) {
        return .notAcknowledged
      }
    }
    return nil
  }
}
