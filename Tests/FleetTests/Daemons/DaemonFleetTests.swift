import Glibc
import TestSupport
import Testing

/// Three machines with a tree each, drops that overlap, and all that can befall machines and their database.
///
/// `EVENTDROP_FLEET_FAULTS` says how many faults there are; by default a few of each kind.
@Suite(
  .tags(.spawned), .serialized, .timeLimit(.minutes(30)),
  .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct DaemonFleetTests {
  enum Fault: CaseIterable { case killMachine, killDatabase, stopMachine, cut, restore }

  private static let faults = getenv("EVENTDROP_FLEET_FAULTS").flatMap { Int(String(cString: $0)) } ?? 10

  @Test("One record in all trees for each event, all acknowledged, and no conflict lost")
  func faults() async throws {
    let fleet = try await DaemonFleet(3)
    var random = SystemRandomNumberGenerator()
    // All have seen each other: what a dump knows nothing of, the others tell.
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
    for round in 0..<Self.faults {
      feed(20)
      let machine = Int.random(in: 0..<3, using: &random)
      switch Fault.allCases[round % Fault.allCases.count] {
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
    // The database comes to agree with the trees.
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

  @Test("Commands tell of all machines")
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

  /// Waits until something is so; for half a minute at most.
  private func wait(_ isSo: () async throws -> Bool) async throws {
    for _ in 0..<300 {
      if (try? await isSo()) == true { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("it has not come to be in half a minute")
  }
}
