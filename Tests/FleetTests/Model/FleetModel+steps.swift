// What each step does.
extension FleetModel {
  /// Whether the database has forgotten something that this machine can know about, or the machine has to put back.
  private func mustJoin(_ machine: Int, _ state: FleetState) -> Bool {
    let node = state.database.nodes[machine]
    return isBehind(machine, state) || node.generation < state.database.generation
  }

  private func isBehind(_ machine: Int, _ state: FleetState) -> Bool {
    guards.contains(.counter) && state.database.nodes[machine].counter < state.machines[machine].counter
      || guards.contains(.mark) && state.database.isMarked
  }

  func start(_ machine: Int, _ state: inout FleetState) {
    state.machines[machine].phase = .joining
    guard !guards.contains(.onlyOwnerForwards) else { return }
    for id in state.machines[machine].unconfirmed { state.machines[machine].catalog[id] = .pending }
  }

  func join(_ machine: Int, _ state: inout FleetState) {
    // If others are already waiting for it, its own loss is known.
    let isAwaited = state.database.nodes[machine].generation < state.database.generation
    if state.database.isMarked && guards.contains(.mark) || !isAwaited && isBehind(machine, state) {
      state.database.generation += 1
    }
    if guards.contains(.mark) { state.database.isMarked = false }
    state.isSilent[machine] = false
    state.machines[machine].counter = state.database.nodes[machine].counter
    state.machines[machine].notedCounter = state.database.nodes[machine].counter
    guard state.database.nodes[machine].generation < state.database.generation else {
      return state.machines[machine].phase = .working
    }
    guard guards.contains(.putBack) else {
      state.database.nodes[machine].generation = state.database.generation
      return state.machines[machine].phase = .working
    }
    state.machines[machine].phase = .puttingBack
  }

  func putBack(_ machine: Int, _ state: inout FleetState) {
    guard !isBehind(machine, state) else { return state.machines[machine].phase = .joining }
    for id in Pair<Int>.indices {
      let row = state.database.rows[id]
      // An entered record takes precedence over a claim: whoever holds the claim finds out with its next statement.
      let isFree = row.state == .none || row.state == .claimed && guards.contains(.recordsOutrankClaims)
      let isMine = isFree || row.owner == machine
      switch state.machines[machine].catalog[id] {
      case .none: continue
      case .unconfirmed:
        guard !guards.contains(.unconfirmedClaims), isMine else { continue }
        state.machines[machine].catalog[id] = .pending
      case .pending, .forwarded:
        guard isMine else { continue }
      }
      state.database.rows[id] = LedgerRow(
        state: .stored, owner: UInt8(machine), data: state.machines[machine].tree[id])
    }
    state.database.nodes[machine].generation = state.database.generation
    count(machine, &state)
    state.machines[machine].phase = .working
  }

  func look(_ machine: Int, _ state: inout FleetState) {
    if mustJoin(machine, state) { state.machines[machine].phase = .joining } else { state.isSilent[machine] = false }
  }

  /// A statement has counted, and the machine gets the counter.
  private func count(_ machine: Int, _ state: inout FleetState) {
    state.database.nodes[machine].counter += 1
    state.machines[machine].counter = state.database.nodes[machine].counter
  }

  func claim(_ machine: Int, _ state: inout FleetState) {
    guard !mustJoin(machine, state) else { return state.machines[machine].phase = .joining }
    state.isSilent[machine] = false
    let isOpen = Pair<Int>.indices.allSatisfy { other in
      let node = state.database.nodes[other]
      return node.isForgotten || node.generation == state.database.generation
    }
    guard isOpen || !guards.contains(.waitForAll) else { return }
    count(machine, &state)
    let unconfirmed = state.machines[machine].unconfirmed
    for id in unconfirmed.isEmpty ? state.machines[machine].waiting : unconfirmed { claim(id, machine, &state) }
    guard state.machines[machine].hasHand else { return }
    state.machines[machine].isLeaseOver = false
    state.machines[machine].isGranted = true
    state.machines[machine].phase = unconfirmed.isEmpty ? .claimed : .named
  }

  private func claim(_ id: Int, _ machine: Int, _ state: inout FleetState) {
    let row = state.database.rows[id]
    let data =
      state.machines[machine].catalog[id] == .unconfirmed
      ? state.machines[machine].tree[id] : state.machines[machine].data[id]
    let isTakeable =
      switch row.state {
      case .none: true
      case .claimed: row.owner == machine || row.isOver && guards.contains(.takeover)
      case .stored: row.owner == machine || !guards.contains(.storedStays)
      }
    if isTakeable {
      if row.state == .stored, row.owner == machine { return state.machines[machine].hand[id] = true }
      state.excuse(id, of: 1 - machine)
      state.database.rows[id] = LedgerRow(state: .claimed, owner: UInt8(machine), data: data)
      return state.machines[machine].hand[id] = true
    }
    // In a person's hands, for a while.
    guard row.state == .stored else { return }
    if state.machines[1 - machine].tree[id] == 0 { state.violation = .letGoWithoutRecord }
    if state.machines[machine].catalog[id] == .unconfirmed {
      // The record is withdrawn. Its drop still exists; if it does not, another machine's data make it a conflict.
      state.machines[machine].tree[id] = 0
      state.machines[machine].catalog[id] = .none
      if state.machines[machine].drops[id] != .waiting, row.data != data {
        state.machines[machine].drops[id] = .conflict
      }
    } else {
      letGo(id, machine, isSame: row.data == data, &state)
    }
  }

  private func letGo(_ id: Int, _ machine: Int, isSame: Bool, _ state: inout FleetState) {
    let seemsSame = isSame || !guards.contains(.digest)
    if seemsSame, !isSame { state.violation = .conflictLost }
    state.machines[machine].drops[id] = seemsSame ? .duplicate : .conflict
  }

  func check(_ machine: Int, _ state: inout FleetState) {
    if state.machines[machine].isLeaseOver {
      guard !guards.contains(.leaseBeforeName) else { return state.machines[machine].letGoOfHand(.working) }
      state.violation = .nameAfterLease
    }
    state.machines[machine].phase = .checked
  }

  func name(_ machine: Int, _ state: inout FleetState) {
    if !state.machines[machine].isGranted { state.violation = .storedUnclaimed }
    for id in Pair<Int>.indices where state.machines[machine].hand[id] {
      state.machines[machine].tree[id] = state.machines[machine].data[id]
      state.machines[machine].catalog[id] = .unconfirmed
    }
    state.machines[machine].phase = .named
  }

  func store(_ machine: Int, _ state: inout FleetState) {
    guard !mustJoin(machine, state) else { return state.machines[machine].letGoOfHand(.joining) }
    state.isSilent[machine] = false
    if guards.contains(.storeCounts) { count(machine, &state) }
    for id in Pair<Int>.indices where state.machines[machine].hand[id] {
      let row = state.database.rows[id]
      if row.state != .none, row.owner == machine {
        state.excuse(id, of: 1 - machine)
        state.database.rows[id] = LedgerRow(
          state: .stored, owner: UInt8(machine), data: state.machines[machine].tree[id])
      } else if guards.contains(.ownerBeforeEntry) {
        state.machines[machine].hand[id] = false
      }
    }
    guard state.machines[machine].hasHand else { return state.machines[machine].letGoOfHand(.working) }
    state.machines[machine].phase = .confirmed
  }

  func enter(_ machine: Int, _ state: inout FleetState) {
    for id in Pair<Int>.indices where state.machines[machine].hand[id] {
      state.machines[machine].catalog[id] = .pending
    }
    state.machines[machine].notedCounter = state.machines[machine].counter
    state.machines[machine].letGoOfHand(.working)
  }

  func decide(_ machine: Int, _ id: Int, _ state: inout FleetState) {
    letGo(id, machine, isSame: state.machines[machine].tree[id] == state.machines[machine].data[id], &state)
  }

  func forward(_ machine: Int, _ id: Int, _ state: inout FleetState) {
    state.machines[machine].catalog[id] = .forwarded
    state.machines[machine].isAcknowledged[id] = true
    if state.machines[1 - machine].isAcknowledged[id], !state.isExcused[id] { state.violation = .forwardedTwice }
  }
}

extension FleetState {
  /// A machine gets an event although another has its record, which the ledger cannot know.
  fileprivate mutating func excuse(_ id: Int, of other: Int) {
    guard isSilent[other] || machines[other].phase == .dead, machines[other].hasRecorded(id) else { return }
    isExcused[id] = true
  }
}
