import Glibc
import SystemPackage
import TestSupport

/// Several running machines: the built program, a tree each, one database, and a webhook that keeps what each sends.
final class DaemonFleet {
  struct Drop {
    var machine: Int
    var file: String
    var eventId: String
    var value: Int
  }

  let database: TestDatabase
  let trees: [TemporaryTree]
  /// The machines' way to the database and its standby.
  let proxies: [DatabaseProxy]
  private let webhook: MisbehavingWebhook
  private var programs: [SpawnedProgram?]
  private(set) var drops: [Drop] = []

  /// - Parameters:
  ///   - count: The number of machines.
  ///   - takeover: How long their claims last.
  /// - Throws: If a program cannot be started.
  init(_ count: Int, takeover: String = "1s") async throws {
    database = try await TestDatabase()
    trees = (0..<count).map { _ in TemporaryTree() }
    let between = trees[0]
    let folders = database.sockets.indices.map { number in
      between.write("", to: "proxy\(number)/.keep")
      return between.path.appending("proxy\(number)").string
    }
    proxies = try zip(folders, database.sockets).map { try DatabaseProxy(in: $0, to: $1) }
    let url = TestDatabase.url(sockets: folders)
    webhook = try MisbehavingWebhook(.status(200, body: #"{"ok":true}"#, headers: ["Content-Type: application/json"]))
    programs = Array(repeating: nil, count: count)
    for (machine, tree) in trees.enumerated() {
      tree.write(
        """
        inboxes:
          - path: inbox
            schedule: every 50ms
            settle: 0s
        processed: { portion: 20 }
        forward: { url: "\(webhook.url)/\(machine)", schedule: every 50ms }
        retry: { schedule: every 200ms, backoff: { first: 200ms, max: 1s } }
        admin: { listen: off }
        fleet: { url: "\(url)", node: m\(machine), takeover: \(takeover) }
        log: { format: json }

        """, to: "config.yaml")
      tree.write("", to: "inbox/.keep")
      tree.remove("inbox/.keep")
    }
    let made = try await command(0, "fleet", "init").end()
    if made.code != 0 { throw TestDatabase.Failure(text: made.errors) }
    for machine in trees.indices { try start(machine) }
  }

  deinit {
    for program in programs { program?.signal(SIGKILL) }
    webhook.stop()
  }

  private func command(_ machine: Int, _ words: String...) throws -> SpawnedProgram {
    try SpawnedProgram(words + ["--config", trees[machine].path.appending("config.yaml").string])
  }

  /// The output of a command on a machine.
  func output(_ machine: Int, _ words: String...) async throws -> String {
    try await SpawnedProgram(words + ["--config", trees[machine].path.appending("config.yaml").string]).end().output
  }

  // MARK: Machines

  func start(_ machine: Int) throws {
    let configuration = trees[machine].path.appending("config.yaml").string
    // Its log would fill a pipe that nobody reads.
    programs[machine] = try SpawnedProgram(
      ["-c", "exec \"$0\" run --config \"$1\" 2>>\"$1.log\"", SpawnedProgram.path(of: "eventdrop"), configuration],
      executable: "/bin/sh")
  }

  /// Ends it, as SIGKILL does.
  func kill(_ machine: Int) { programs[machine] = nil }

  func signal(_ machine: Int, _ number: Int32) { programs[machine]?.signal(number) }

  // MARK: Drops

  func drop(_ eventId: String, value: Int, on machine: Int) {
    let file = "d\(drops.count).json"
    trees[machine].write(#"{"eventId":"\#(eventId)","eventType":"t","data":{"v":\#(value)}}"#, to: "outside/\(file)")
    trees[machine].move("outside/\(file)", to: "inbox/\(file)")
    drops.append(Drop(machine: machine, file: file, eventId: eventId, value: value))
  }

  var eventIds: Set<String> { Set(drops.map(\.eventId)) }

  /// Which machines have sent each event.
  var senders: [String: Set<Int>] {
    var senders: [String: Set<Int>] = [:]
    for request in webhook.requests {
      guard let machine = request.target.last?.wholeNumberValue else { continue }
      for match in String(decoding: request.body, as: UTF8.self).matches(of: /"eventId":"(\w+)"/) {
        senders[String(match.1), default: []].insert(machine)
      }
    }
    return senders
  }

  /// Whether nothing is waiting, and all events were sent.
  var isDone: Bool {
    trees.allSatisfy { $0.names("inbox").isEmpty && $0.names("state/claims/default").isEmpty }
      && eventIds.isSubset(of: senders.keys)
  }

  /// Waits until everything is done.
  ///
  /// - Returns: Whether that was the case in time.
  func settle(within limit: Duration = .seconds(90)) async -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
      if isDone { return true }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return isDone
  }

  /// Which machines have a record of each event, with its value.
  var records: [String: [(machine: Int, value: Int)]] {
    var records: [String: [(machine: Int, value: Int)]] = [:]
    for (machine, tree) in trees.enumerated() {
      for day in tree.names("processed") where day.hasPrefix("2") {
        for name in tree.names("processed/\(day)") where name.hasSuffix(".json") {
          let text = tree.readText("processed/\(day)/\(name)") ?? ""
          let value = text.firstMatch(of: /"data":\{"v":(\d+)\}/).flatMap { Int($0.1) } ?? -1
          records[String(name.dropLast(5)), default: []].append((machine, value))
        }
      }
    }
    return records
  }
}
