import TestSupport
import Testing

/// The sentences about several machines, in all orders of events.
@Suite(.onlyInFullRuns) struct FleetModelTests {
  /// What is dropped where: for each machine, the data of each of two events.
  struct Scenario: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var drops: [[UInt8]]
    var crashes: UInt8 = 0
    var deaths: UInt8 = 0
    var lostAnswers: UInt8 = 0
    var losses: UInt8 = 0
    var isLossMarked = true

    var first: FleetState {
      var state = FleetState(
        budget: FleetState.Budget(
          crashes: crashes, deaths: deaths, lostAnswers: lostAnswers, losses: losses, isLossMarked: isLossMarked))
      for machine in Pair<Int>.indices {
        for id in Pair<Int>.indices where drops[machine][id] != 0 {
          state.machines[machine].drops[id] = .waiting
          state.machines[machine].data[id] = drops[machine][id]
        }
      }
      return state
    }
  }

  static let conflict = Scenario(
    testDescription: "one event, conflicting", drops: [[1, 0], [2, 0]], crashes: 2, lostAnswers: 2)
  static let dump = Scenario(
    testDescription: "one event and a restored dump", drops: [[1, 0], [1, 0]], crashes: 2, lostAnswers: 1, losses: 1)
  static let death = Scenario(
    testDescription: "two events and a machine that is never back", drops: [[1, 1], [1, 2]], crashes: 1, deaths: 1)
  static let unmarked = Scenario(
    testDescription: "a loss without a mark", drops: [[1, 0], [1, 1]], crashes: 1, losses: 1, isLossMarked: false)

  static let scenarios = [
    conflict, dump, death, unmarked,
    Scenario(
      testDescription: "one event, conflicting, and two restored dumps", drops: [[1, 0], [2, 0]], crashes: 1, losses: 2
    ),
    Scenario(testDescription: "two events and a restored dump", drops: [[1, 0], [1, 2]], crashes: 1, losses: 1),
    Scenario(
      testDescription: "a restored dump, and a machine that is never back", drops: [[1, 0], [2, 0]], deaths: 1,
      lostAnswers: 1, losses: 1),
  ]

  @Test("All sentences hold", arguments: scenarios)
  func holds(_ scenario: Scenario) {
    let walk = Exploration(FleetModel(guards: .all), from: scenario.first)
    print("model: \(scenario.testDescription): \(walk.states) states, \(walk.ends) ends")
    #expect(walk.violation == nil, "\(walk.violation?.rawValue ?? ""): \(walk.path)")
  }

  static let guarded: [(Guards, String, Scenario)] = [
    (.claimBeforeName, "claim before name", conflict), (.leaseBeforeName, "lease before name", conflict),
    (.ownerBeforeEntry, "owner before entry", conflict),
    (.onlyOwnerForwards, "only the owner forwards", conflict),
    (.storedStays, "what is stored is taken by nobody", conflict), (.takeover, "takeover", death),
    (.digest, "digest", conflict), (.counter, "counter", unmarked),
    (.storeCounts, "the second statement counts", unmarked), (.mark, "the database's mark", dump),
    (.putBack, "put back before claims", dump), (.waitForAll, "wait until all have put back", dump),
    (.unconfirmedClaims, "what is unconfirmed is claimed", dump),
    (.recordsOutrankClaims, "records outrank claims", dump), (.look, "a look without anything to store", dump),
  ]

  @Test("Without any one guard, some sentence does not hold", arguments: guarded)
  func needs(_ guardTaken: Guards, _ name: String, _ scenario: Scenario) {
    let walk = Exploration(FleetModel(guards: .all.subtracting(guardTaken)), from: scenario.first)
    print(
      "model without \(name): \(walk.violation?.rawValue ?? "nothing"), after \(walk.path.count) steps, \(walk.states) states"
    )
    #expect(walk.violation != nil, "nothing shows what this guard is for")
  }
}
