/// What two machines, one database, time and bad luck can do next.
///
/// A step is indivisible: one statement, one rename, one row. A machine that is stopped (SIGSTOP) for any time takes no
/// step while the others do.
struct FleetModel {
  let guards: Guards

  /// What happens in a step.
  enum Step: Hashable {
    case start(Int), join(Int), putBack(Int), claim(Int), skipClaim(Int), look(Int), check(Int), name(Int), store(Int),
      enter(Int)
    case decide(Int, Int), forward(Int, Int), expire(Int), forget(Int)
    // Bad luck.
    case crash(Int), die(Int), dump, lose, claimUnanswered(Int), storeUnanswered(Int)

    /// Whether it is part of the work, the passing of time, or an operator's action: what an end may wait for.
    var isProgress: Bool {
      switch self {
      case .crash, .die, .dump, .lose, .claimUnanswered, .storeUnanswered: false
      default: true
      }
    }
  }

  /// All states that may follow.
  func successors(of state: FleetState) -> [(step: Step, state: FleetState)] {
    var all: [(Step, FleetState)] = []
    func add(_ step: Step, _ change: (inout FleetState) -> Void) {
      var next = state
      change(&next)
      next.normalize()
      if next != state { all.append((step, next)) }
    }
    for machine in Pair<Int>.indices { addSteps(of: machine, in: state, add) }
    for id in Pair<Int>.indices where state.database.rows[id].state == .claimed && !state.database.rows[id].isOver {
      add(.expire(id)) { $0.expire(id) }
    }
    addBadLuck(in: state, add)
    return all
  }

  private func addSteps(
    of machine: Int, in state: FleetState, _ add: (Step, (inout FleetState) -> Void) -> Void
  ) {
    let now = state.machines[machine]
    switch now.phase {
    case .dead:
      if !state.database.nodes[machine].isForgotten {
        add(.forget(machine)) { $0.database.nodes[machine].isForgotten = true }
      }
      return
    case .down: return add(.start(machine)) { start(machine, &$0) }
    case .joining: add(.join(machine)) { join(machine, &$0) }
    case .puttingBack: add(.putBack(machine)) { putBack(machine, &$0) }
    case .working:
      if !now.hasToClaim, guards.contains(.look) { add(.look(machine)) { look(machine, &$0) } }
      if now.hasToClaim { add(.claim(machine)) { claim(machine, &$0) } }
      if now.hasToClaim, !guards.contains(.claimBeforeName) {
        add(.skipClaim(machine)) { next in
          for id in now.waiting { next.machines[machine].hand[id] = true }
          if next.machines[machine].hasHand { next.machines[machine].phase = .checked }
        }
      }
    case .claimed: add(.check(machine)) { check(machine, &$0) }
    case .checked: add(.name(machine)) { name(machine, &$0) }
    case .named: add(.store(machine)) { store(machine, &$0) }
    case .confirmed: add(.enter(machine)) { enter(machine, &$0) }
    }
    for id in Pair<Int>.indices where now.catalog[id] == .pending || now.catalog[id] == .forwarded {
      if now.drops[id] == .waiting { add(.decide(machine, id)) { decide(machine, id, &$0) } }
      if now.catalog[id] == .pending { add(.forward(machine, id)) { forward(machine, id, &$0) } }
    }
  }

  private func addBadLuck(in state: FleetState, _ add: (Step, (inout FleetState) -> Void) -> Void) {
    for machine in Pair<Int>.indices {
      let now = state.machines[machine]
      guard now.phase != .down, now.phase != .dead else { continue }
      if state.budget.crashes > 0 {
        add(.crash(machine)) { next in
          next.budget.crashes -= 1
          next.machines[machine].stop(.down)
        }
      }
      if state.budget.deaths > 0 {
        add(.die(machine)) { next in
          next.budget.deaths -= 1
          next.machines[machine].stop(.dead)
          if next.hasForgotten { next.excuseRecords(of: machine) }
        }
      }
      guard state.budget.lostAnswers > 0 else { continue }
      func unanswered(_ next: inout FleetState) {
        next.budget.lostAnswers -= 1
        next.machines[machine] = now
        next.machines[machine].letGoOfHand(.joining)
      }
      if now.phase == .working, now.hasToClaim {
        add(.claimUnanswered(machine)) {
          claim(machine, &$0)
          unanswered(&$0)
        }
      }
      if now.phase == .named {
        add(.storeUnanswered(machine)) {
          store(machine, &$0)
          unanswered(&$0)
        }
      }
    }
    guard state.budget.losses > 0 else { return }
    if let older = state.older {
      add(.lose) { next in
        next.budget.losses -= 1
        next.database = older
        next.older = nil
        next.hasForgotten = true
        for machine in Pair<Int>.indices where next.machines[machine].phase == .dead {
          next.excuseRecords(of: machine)
        }
        if next.budget.isLossMarked { next.database.isMarked = true } else { next.isSilent = Pair(both: true) }
      }
    } else {
      add(.dump) { $0.older = $0.database }
    }
  }
}

extension FleetState {
  fileprivate mutating func expire(_ id: Int) {
    database.rows[id].isOver = true
    let owner = Int(database.rows[id].owner)
    if machines[owner].hand[id] { machines[owner].isLeaseOver = true }
  }

  /// What the database has forgotten about a machine that will never be back cannot be put back by anybody.
  fileprivate mutating func excuseRecords(of machine: Int) {
    for id in Pair<Int>.indices where machines[machine].tree[id] != 0 { isExcused[id] = true }
  }

  /// Whether nothing is left to do.
  var isAtEnd: Bool {
    Pair<Int>.indices.allSatisfy { machine in
      let machine = machines[machine]
      return machine.phase == .dead
        || machine.phase == .working && machine.waiting.isEmpty
          && Pair<Int>.indices.allSatisfy { machine.catalog[$0] == .none || machine.catalog[$0] == .forwarded }
    }
  }

  /// Only the order of counters matters, so each becomes its rank.
  mutating func normalize() {
    for machine in Pair<Int>.indices {
      let values = [
        database.nodes[machine].counter, machines[machine].counter, machines[machine].notedCounter,
        older?.nodes[machine].counter ?? database.nodes[machine].counter,
      ]
      func rank(_ counter: UInt8) -> UInt8 {
        UInt8(values.indices.count { values[$0] < counter && !values[..<$0].contains(values[$0]) })
      }
      database.nodes[machine].counter = rank(values[0])
      machines[machine].counter = rank(values[1])
      machines[machine].notedCounter = rank(values[2])
      if older != nil { older?.nodes[machine].counter = rank(values[3]) }
    }
  }
}

extension Machine {
  var waiting: [Int] { Pair<Int>.indices.filter { drops[$0] == .waiting && catalog[$0] == .none } }
  var unconfirmed: [Int] { Pair<Int>.indices.filter { catalog[$0] == .unconfirmed } }
  var hasToClaim: Bool { !waiting.isEmpty || !unconfirmed.isEmpty }
  var hasHand: Bool { hand[0] || hand[1] }

  /// Whether it has a record of an event, and knows that it is its own.
  func hasRecorded(_ id: Int) -> Bool {
    switch catalog[id] {
    case .none: false
    // What is in a dead machine's tree may have been in the ledger as stored.
    case .unconfirmed: phase == .confirmed && hand[id] || phase == .dead
    case .pending, .forwarded: true
    }
  }

  mutating func letGoOfHand(_ phase: Phase) {
    hand = Pair(both: false)
    isLeaseOver = false
    isGranted = false
    self.phase = phase
  }

  mutating func stop(_ phase: Phase) {
    letGoOfHand(phase)
    counter = notedCounter
  }
}
