import DurableFiles
import Glibc
import SystemPackage
import TestSupport
import Testing

/// The built program, ended at random instants of its work.
///
/// `EVENTDROP_POWER_CUTS`, `EVENTDROP_KILLS` and `EVENTDROP_SEED` set how often and how; without them these tests are
/// short.
@Suite(.tags(.spawned, .durability), .serialized) struct SurvivalTests {
  /// How many ends are applied to one tree before it is settled and judged; there are at least two trees.
  private func endsPerTree(of all: Int) -> Int { min(25, (all + 1) / 2) }

  @Test(
    .enabled(if: !Disk.usable.isEmpty, "skipped, because \(Disk.obstacle)"), arguments: Disk.usable)
  func `Power cuts under load lose, tear and double nothing`(_ kind: Disk.Kind) async throws {
    var total = Oracle.Verdict()
    var cuts = 0
    var trees = 0
    while cuts < Parameters.powerCuts, total.isClean {
      let count = min(endsPerTree(of: Parameters.powerCuts), Parameters.powerCuts - cuts)
      // If the records have their own disk, no other file's barrier brings them to it by chance.
      let hasTwoDisks = trees % 2 == 1
      total += try await cutPower(count, on: kind, isApart: hasTwoDisks, after: cuts)
      cuts += count
      trees += 1
    }
    print("power cuts: \(cuts) on \(kind.rawValue), \(total.figures) (seed \(Parameters.seed))")
    #expect(total.isClean, "\(total.findings)")
  }

  @Test(
    .enabled(if: !Disk.usable.isEmpty, "skipped, because \(Disk.obstacle)"), arguments: Disk.usable)
  func `The barrier after the names fails where the file system has dropped them`(_ kind: Disk.Kind) throws {
    let disk = try Disk(kind)
    let folder = try Folder(at: FilePath(disk.path), files: SystemFiles())
    let file = try UnnamedFile(in: folder, mode: 0o640)
    try file.write([0x7B, 0x7D].span)
    try file.sync()
    #expect(try file.publish(as: FileName("a.json")))
    try disk.cutPower()
    #expect(throws: FileFailure.self) { try folder.sync() }
  }

  @Test func `Kills under load lose and double nothing, and a reader sees only whole records`() async throws {
    var total = Oracle.Verdict()
    var kills = 0
    var reads = 0
    while kills < Parameters.kills, total.isClean {
      let count = min(endsPerTree(of: Parameters.kills), Parameters.kills - kills)
      let (verdict, recordsRead) = try await kill(count, after: kills)
      total += verdict
      reads += recordsRead
      kills += count
    }
    print("kills: \(kills), \(total.figures); \(reads) records read meanwhile (seed \(Parameters.seed))")
    #expect(total.isClean, "\(total.findings)")
  }

  // MARK: One tree

  private func cutPower(
    _ cuts: Int, on kind: Disk.Kind, isApart: Bool, after earlier: Int
  ) async throws -> Oracle.Verdict {
    var dice = Dice(seed: Parameters.seed, stream: earlier + (kind == .xfs ? 1_000_000 : 2_000_000))
    let disk = try Disk(kind)
    let disks = isApart ? [disk, try Disk(kind)] : [disk]
    let folders = Folders(root: disk.path, processed: isApart ? disks[1].path + "/processed" : nil)
    let scene = try Scene(folders, dice: dice)
    let oracle = Oracle(folders: folders, ledger: scene.ledger)
    var verdict = Oracle.Verdict()
    for cut in 0..<cuts where verdict.isClean {
      if dice.hits(oneIn: 3) { scene.addOldDay() }
      let feeder = Feeder(folders, ledger: scene.ledger, isSyncing: true, cycle: earlier + cut)
      let start = Dice(seed: Parameters.seed, stream: earlier + cut + 3_000_000)
      async let feeding: Void = onOwnThread { feeder.run(start) }
      var daemon = try scene.start()
      if dice.hits(oneIn: 4) {
        // A record named by a killed run, and found by the next, must be on disk before its drop goes.
        try await Task.sleep(for: .milliseconds(dice.roll(20..<250)))
        daemon.signal(SIGKILL)
        try await scene.end(daemon)
        daemon = try scene.start()
      }
      try await Task.sleep(for: .milliseconds(instant(&dice)))
      for disk in disks.shuffled(using: &dice) { try disk.cutPower() }
      daemon.signal(SIGKILL)
      feeder.stop()
      try await scene.end(daemon)
      try await feeding
      for disk in disks {
        try disk.unmount()
        try disk.mount()
      }
      verdict += oracle.looksAtRecords()
    }
    if verdict.isClean { try await judge(scene, oracle, &verdict) }
    explain(verdict, scene)
    for disk in disks { try disk.unmount() }
    return verdict
  }

  private func kill(_ kills: Int, after earlier: Int) async throws -> (Oracle.Verdict, recordsRead: Int) {
    var dice = Dice(seed: Parameters.seed, stream: earlier + 4_000_000)
    let tree = TemporaryTree()
    let folders = Folders(root: tree.path.string)
    let scene = try Scene(folders, dice: dice)
    let oracle = Oracle(folders: folders, ledger: scene.ledger)
    let watcher = Watcher(folders)
    async let watching = onOwnThread { watcher.run() }
    for kill in 0..<kills {
      if dice.hits(oneIn: 3) { scene.addOldDay() }
      let feeder = Feeder(folders, ledger: scene.ledger, isSyncing: false, cycle: earlier + kill)
      let start = Dice(seed: Parameters.seed, stream: earlier + kill + 5_000_000)
      async let feeding: Void = onOwnThread { feeder.run(start) }
      let daemon = try scene.start()
      try await Task.sleep(for: .milliseconds(instant(&dice)))
      daemon.signal(SIGKILL)
      feeder.stop()
      try await scene.end(daemon)
      try await feeding
    }
    var verdict = Oracle.Verdict()
    try await judge(scene, oracle, &verdict)
    watcher.stop()
    verdict.torn += try await watching
    explain(verdict, scene)
    return (verdict, watcher.recordsRead)
  }

  /// When to strike: early in the start, while the last run is being repaired, as often as later, under load.
  private func instant(_ dice: inout Dice) -> Int {
    dice.hits(oneIn: 3) ? dice.roll(5..<120) : dice.roll(100..<500)
  }

  private func judge(_ scene: Scene, _ oracle: Oracle, _ verdict: inout Oracle.Verdict) async throws {
    if let left = try await scene.settle() { verdict.strange.append(left) }
    verdict += oracle.judges()
  }

  private func explain(_ verdict: Oracle.Verdict, _ scene: Scene) {
    if !verdict.isClean { print("findings:\n\(verdict.findings)\nthe daemon's last words:\n\(scene.lastWords)") }
  }
}
