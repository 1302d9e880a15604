import Glibc
import SystemPackage
import TestSupport
import Testing

/// Three machines with a tree each, overlapping drops, and everything that can happen to machines and their database.
///
/// `EVENTDROP_FLEET_FAULTS` sets the number of faults; by default one of each kind.
@Suite(
  .tags(.spawned), .onlyInFullRuns, .serialized, .timeLimit(.minutes(60)),
  .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct DaemonFleetTests {
  enum Fault: CaseIterable {
    case killMachine, killDatabase, stopMachine, cut, endMachines, endDatabase, delay, restore, promote, promoteLate

    /// How many there are of this kind if there are many of all.
    var weight: Int {
      switch self {
      case .killMachine: 25
      case .killDatabase, .stopMachine, .cut, .endMachines, .endDatabase, .delay: 5
      case .restore, .promote, .promoteLate: 1
      }
    }
  }

  private static let faults =
    getenv("EVENTDROP_FLEET_FAULTS").flatMap { Int(String(cString: $0)) } ?? Fault.allCases.count

  /// One of each kind, then the others of a round in random order; round after round.
  private static func plan(_ random: inout some RandomNumberGenerator) -> [Fault] {
    let others = Fault.allCases.flatMap { Array(repeating: $0, count: $0.weight - 1) }
    var plan: [Fault] = []
    while plan.count < faults { plan += Fault.allCases + others.shuffled(using: &random) }
    return Array(plan.prefix(faults))
  }

  @Test("One record in all trees for each event, all acknowledged, and no conflict lost")
  func faults() async throws {
    let fleet = try await DaemonFleet(3)
    var random = SystemRandomNumberGenerator()
    // All have seen each other: what a dump does not contain, the others report.
    try await wait {
      try await fleet.database.query("SELECT count(*) FROM eventdrop.nodes WHERE generation > 0") == "3"
    }
    try await Task.sleep(for: .seconds(5))
    var number = 0
    func feed(_ count: Int) {
      for _ in 0..<count {
        number += 1
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let back =
            Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 0..<min(number, 200), using: &random) : 0
          fleet.drop(
            "evt_\(number - back)", value: Int.random(in: 0..<8, using: &random) == 0 ? 2 : 1,
            on: Int.random(in: 0..<3, using: &random))
        }
      }
    }
    for fault in Self.plan(&random) {
      feed(20)
      let machine = Int.random(in: 0..<3, using: &random)
      switch fault {
      case .killMachine:
        fleet.kill(machine)
        feed(20)
        try fleet.start(machine)
      case .killDatabase:
        fleet.database.kill()
        feed(20)
        try await fleet.database.start()
      case .stopMachine:
        fleet.signal(machine, SIGSTOP)
        feed(20)
        // Longer than its claims last.
        try await Task.sleep(for: .milliseconds(1500))
        fleet.signal(machine, SIGCONT)
      case .cut:
        try await fleet.database.query(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'eventdrop'")
      case .restore:
        try await fleet.database.dump()
        feed(20)
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...1500, using: &random)))
        try await fleet.database.restore()
      case .endMachines, .endDatabase:
        // While statements are running.
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...200, using: &random)))
        for proxy in fleet.proxies { proxy.endOneDirection(towardsMachines: fault == .endMachines) }
      case .delay:
        for proxy in fleet.proxies { proxy.delay(milliseconds: Int.random(in: 20...400, using: &random)) }
        feed(20)
        try await Task.sleep(for: .milliseconds(1500))
        for proxy in fleet.proxies { proxy.delay(milliseconds: 0) }
      case .promote, .promoteLate:
        try await fleet.database.addStandby(isSynchronous: fault == .promote)
        feed(20)
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...500, using: &random)))
        try await fleet.database.failOver()
      }
    }
    #expect(await fleet.settle())
    let (records, senders) = (fleet.records, fleet.senders)
    #expect(Set(records.keys) == fleet.eventIds)
    #expect(records.filter { $0.value.count != 1 }.isEmpty, "events with several records")
    #expect(senders.filter { $0.value.count != 1 }.isEmpty, "events that several machines have sent")
    let failed = fleet.trees.map { Set($0.names("failed")) }
    let lost = fleet.drops.filter { drop in
      records[drop.eventId]?.first?.value != drop.value && !failed[drop.machine].contains(drop.file)
    }
    #expect(lost.isEmpty, "conflicts that are not in failed")
    // The database ends up agreeing with the trees.
    try await wait {
      try await fleet.database.query("SELECT count(*) FROM eventdrop.events WHERE state <> 'forwarded'") == "0"
    }
    let owners = try await fleet.database.query("SELECT event_id, node FROM eventdrop.events").split(separator: "\n")
    #expect(Set(owners.map(String.init)) == Set(records.map { "\($0.key)|m\($0.value.first?.machine ?? -1)" }))
    for machine in fleet.trees.indices {
      let verified = try await fleet.output(machine, "verify", "--fleet", "--json")
      #expect(verified.contains(#""findings":0"#), "\(verified)")
    }
  }

  @Test("What is imported is claimed, and what another machine has is a duplicate or a conflict")
  func importing() async throws {
    let fleet = try await DaemonFleet(2)
    fleet.drop("evt_1", value: 1, on: 0)
    fleet.drop("evt_2", value: 1, on: 0)
    #expect(await fleet.settle())
    func document(_ id: String, _ value: Int) -> String {
      #"{"eventId":"\#(id)","eventType":"t","data":{"v":\#(value)},"processedAt":{"$date":"2026-11-01T10:00:00Z"}}"#
        + "\n"
    }
    fleet.trees[1].write(
      document("evt_1", 1) + document("evt_2", 2) + document("evt_3", 1) + document("evt_4", 1) + document("evt_4", 1),
      to: "export.json")
    fleet.kill(1)
    let export = fleet.trees[1].path.appending("export.json").string
    let printed = try await fleet.output(1, "import", export)
    #expect(printed.hasPrefix("2 events taken over, 2 were there already, 1 not taken over"), "\(printed)")
    #expect(
      try await fleet.database.query("SELECT event_id, node FROM eventdrop.events ORDER BY 1")
        == "evt_1|m0\nevt_2|m0\nevt_3|m1\nevt_4|m1")
    fleet.drop("evt_3", value: 1, on: 0)
    fleet.drop("evt_4", value: 2, on: 0)
    try await wait { fleet.trees[0].names("inbox").isEmpty && fleet.trees[0].names("failed").count == 2 }
    #expect(fleet.records.mapValues { $0.map(\.machine) } == ["evt_1": [0], "evt_2": [0], "evt_3": [1], "evt_4": [1]])
    try fleet.start(1)
    try await wait {
      try await fleet.database.query("SELECT count(*) FROM eventdrop.events WHERE state = 'forwarded'") == "4"
    }
    #expect(Set(fleet.senders.keys) == ["evt_1", "evt_2"])

    // Without the database nothing is imported.
    fleet.kill(1)
    fleet.database.kill()
    fleet.trees[1].write(document("evt_5", 1), to: "export.json")
    #expect(try await fleet.output(1, "import", export) == "")
    #expect(fleet.records["evt_5"] == nil)
  }

  @Test("Commands report all machines")
  func commands() async throws {
    let fleet = try await DaemonFleet(2)
    fleet.drop("evt_1", value: 1, on: 0)
    fleet.drop("evt_2", value: 1, on: 1)
    #expect(await fleet.settle())
    try await wait {
      try await fleet.database.query("SELECT count(*) FROM eventdrop.events WHERE state = 'forwarded'") == "2"
    }
    let status = try await fleet.output(0, "fleet", "status", "--json")
    #expect(status.contains(#""node":"m0","state":"joined""#) && status.contains(#""node":"m1","state":"joined""#))
    let list = try await fleet.output(0, "list", "--fleet", "--json")
    #expect(list.contains(#""eventId":"evt_1""#) && list.contains(#""node":"m1""#), "\(list)")
    let report = try await fleet.output(1, "report", "--fleet", "--json")
    #expect(report.contains(#""node":"m0","eventType":"t","status":"forwarded","count":1"#), "\(report)")
    #expect(try await fleet.output(0, "fleet", "init", "--print").contains("CREATE TABLE"))
  }

  /// Waits until a condition holds, for at most half a minute.
  private func wait(_ isSo: () async throws -> Bool) async throws {
    for _ in 0..<300 {
      if (try? await isSo()) == true { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("it has not come to be in half a minute")
  }
}
