import Glibc
import TestSupport

/// One tree with its senders and its webhook, on which the daemon is ended repeatedly.
final class Scene {
  let folders: Folders
  let ledger = Ledger()
  private var root: String { folders.root }
  private let receiver: Receiver
  private var dice: Dice
  private var oldDays = 40
  /// The daemons' last messages, for people who look for the cause of a finding.
  private(set) var lastWords = ""

  init(_ folders: Folders, dice: Dice) throws {
    self.folders = folders
    self.dice = dice
    receiver = try Receiver(ledger, Dice(seed: Parameters.seed, stream: Int(self.dice.roll(0..<1_000_000))))
    for folder in ["\(root)/inbox", folders.processed] { Files.makeFolder(folder) }
    let settings = """
      inboxes:
        - { path: inbox, schedule: every 10ms, settle: 0s }
      folders: { processed: \(folders.processed) }
      processed: { portion: \(self.dice.roll(2..<60)) }
      forward:
        url: \(receiver.url)
        schedule: every 20ms
        timeout: 250ms
        attempts: 2
        concurrency: \(self.dice.roll(1..<4))
        batch: { maxEvents: \(self.dice.roll(5..<40)) }
        backoff: { first: 5ms, max: 20ms }
        circuit: { first: 20ms, max: 60ms }
      retry:
        schedule: every 20ms
        backoff: { first: 20ms, max: 100ms }
      retention: { keep: 30d, schedule: every 60ms }
      admin: { listen: off }
      log: { level: warning }
      """
    guard Files.write(Array(settings.utf8), to: "\(root)/config.yaml", isSynced: true) else {
      throw Disk.Failure(description: "no configuration can be written")
    }
    // Days to keep: with fewer, retention would refuse to take any.
    for days in 1...20 { addDay(day(ago: days), events: 1) }
    guard Files.sync(folder: root) else { throw Disk.Failure(description: "\(root) cannot be synced") }
  }

  func start(_ command: String = "run", _ arguments: [String] = []) throws -> SpawnedProgram {
    // A mapped file on a file system without power ends its reader with SIGBUS; a backtrace would outlive the program.
    try SpawnedProgram(
      [command, "--config", "\(root)/config.yaml"] + arguments, environment: ["SWIFT_BACKTRACE": "enable=no"])
  }

  /// Ends a program that was sent a signal, or waits for its end.
  ///
  /// - Returns: Its exit code.
  @discardableResult
  func end(_ program: SpawnedProgram) async throws -> Int {
    let end = try await program.end()
    if !end.errors.isEmpty { lastWords = String(end.errors.suffix(2000)) }
    return end.code
  }

  /// Adds a day that retention may take, while no daemon runs.
  func addOldDay() {
    oldDays += 1
    addDay(day(ago: oldDays), events: dice.roll(1..<6))
  }

  /// A partition whose events are all acknowledged.
  private func addDay(_ day: String, events count: Int) {
    let folder = "\(folders.processed)/\(day)"
    Files.makeFolder(folder)
    let ids = (0..<count).map { "o-\(day)-\($0)" }
    var isWritten = true
    for id in ids {
      let record = Array(Payload.record(id, on: day).utf8)
      isWritten = Files.write(record, to: "\(folder)/\(Payload.recordName(of: id))", isSynced: true) && isWritten
    }
    let names = ids.map { "\"\($0)\"" }.joined(separator: ",")
    let line = #"{"batchId":"old","forwardedAt":"\#(day)T12:00:01.000Z","status":200,"eventIds":[\#(names)]}"# + "\n"
    isWritten = Files.write(Array(line.utf8), to: "\(folder)/forwards.jsonl", isSynced: true) && isWritten
    guard isWritten, Files.sync(folder: folder), Files.sync(folder: "\(folders.processed)") else { return }
    ledger.note { $0.old.formUnion(ids) }
  }

  /// Has the daemon finish everything, with a webhook that behaves again.
  ///
  /// - Returns: What is left undone; nil if nothing is.
  func settle() async throws -> String? {
    receiver.behave()
    var code = 0
    // A report moved in without its file is kept for ten seconds.
    for _ in 0..<400 {
      code = try await end(start("run", ["--once"]))
      if code == 0, left.isEmpty { break }
      try await Task.sleep(for: .milliseconds(30))
    }
    let pruned = try await end(start("prune", ["--yes"]))
    guard code == 0, pruned == 0, left.isEmpty else {
      let some = left.prefix(5).joined(separator: ", ")
      return "not settled: run --once ended with \(code), prune with \(pruned); left: \(some)"
    }
    return nil
  }

  /// What still waits; a file that an interrupted sender was writing is not eventdrop's.
  private var left: [String] {
    (Files.names(in: "\(root)/inbox") + Files.names(in: "\(root)/retry")).filter { !$0.hasSuffix(".part") }
  }
}
