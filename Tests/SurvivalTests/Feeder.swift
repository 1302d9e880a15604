import Glibc
import Synchronization

/// Senders and operators: drops events in all possible ways, the same ones repeatedly, some of them broken, and moves
/// files about meanwhile.
final class Feeder: Sendable {
  private let folders: Folders
  private let ledger: Ledger
  /// Whether a drop counts as promised only once it is on disk: the power may be cut.
  private let isSyncing: Bool
  private let cycle: Int
  private let isStopped = Atomic(false)
  private let serial = Atomic(0)

  init(_ folders: Folders, ledger: Ledger, isSyncing: Bool, cycle: Int) {
    self.folders = folders
    self.ledger = ledger
    self.isSyncing = isSyncing
    self.cycle = cycle
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// Runs until it is stopped, or the file system is gone.
  func run(_ start: Dice) {
    var dice = start
    while !isStopped.load(ordering: .relaxed), serial.load(ordering: .relaxed) < 70 {
      switch dice.roll(0..<21) {
      case 0...7: singles(dice.roll(1..<24), &dice)
      case 8...9: lines(dice.roll(2..<16), &dice)
      case 10: array(dice.roll(2..<12), &dice)
      case 11: broken(&dice)
      case 12: contested(&dice)
      case 13...14: again(&dice)
      case 15...17: move(from: "\(folders.processed)/\(day(ago: 0))", &dice)
      case 18: move(from: "\(folders.root)/failed", &dice)
      case 19: rest(dice.roll(5..<40))
      default: move(from: "\(folders.root)/retry", &dice)
      }
      Files.pause(milliseconds: dice.roll(0..<12))
    }
  }

  /// Drops nothing for a while, but syncs a file of its own: what eventdrop has removed is then removed for good, and
  /// what it did not sync itself, on a separate disk, is gone.
  private func rest(_ times: Int) {
    for _ in 0..<times where !isStopped.load(ordering: .relaxed) {
      guard Files.write([0x2E], to: "\(folders.root)/another-file", isSynced: true) else { return }
      Files.pause(milliseconds: 4)
    }
  }

  // MARK: Dropping

  private func newName(_ kind: String) -> String {
    "\(kind)-\(cycle)-\(serial.wrappingAdd(1, ordering: .relaxed).newValue)"
  }

  private func newId(_ dice: inout Dice) -> String {
    let name = newName("e")
    // Not every eventId is a valid file name.
    return dice.hits(oneIn: 16) ? "\(name)/é ~" : name
  }

  private func singles(_ count: Int, _ dice: inout Dice) {
    let ids = (0..<count).map { _ in newId(&dice) }
    put(ids.map { (".json", Payload.drop($0)) }, ids, &dice)
  }

  private func lines(_ count: Int, _ dice: inout Dice) {
    let ids = (0..<count).map { _ in newId(&dice) }
    var lines = ids.map { Payload.drop($0) }
    let broken = dice.hits(oneIn: 4) ? "no event \(newName("b"))" : nil
    if let broken { lines.insert(broken, at: dice.roll(0..<lines.count)) }
    put([(".jsonl", lines.joined(separator: "\n") + "\n")], ids, broken: broken.map { [$0] } ?? [], &dice)
  }

  private func array(_ count: Int, _ dice: inout Dice) {
    let ids = (0..<count).map { _ in newId(&dice) }
    put([(".json", "[" + ids.map { Payload.drop($0) }.joined(separator: ",\n") + "]")], ids, &dice)
  }

  private func broken(_ dice: inout Dice) {
    let content = #"{"id":"\#(newName("b"))", broken"#
    put([(".json", content)], [], broken: [content], &dice)
  }

  private func contested(_ dice: inout Dice) {
    let id = newName("c")
    ledger.note { _ = $0.attempted.insert(id) }
    guard put(first: [(".json", Payload.drop(id))], isSynced: true) else { return }
    Files.pause(milliseconds: dice.roll(0..<10))
    guard put(first: [(".json", Payload.drop(id, data: Payload.otherData(of: id)))], isSynced: true) else { return }
    ledger.note { _ = $0.contested.insert(id) }
  }

  /// The same event again, under another name; from today or from a day that may have been pruned.
  private func again(_ dice: inout Dice) {
    let isOld = dice.hits(oneIn: 2)
    let known = ledger.note { isOld ? $0.old : $0.promised }
    guard let id = known.sorted().randomElement(using: &dice) else { return }
    _ = put(first: [(".json", Payload.drop(id))], isSynced: true)
  }

  private func put(
    _ files: [(ending: String, content: String)], _ ids: [String], broken: [String] = [], _ dice: inout Dice
  ) {
    let isSynced = !isSyncing || !dice.hits(oneIn: 5)
    ledger.note { $0.attempted.formUnion(ids) }
    guard put(first: files, isSynced: isSynced), isSynced else { return }
    ledger.note {
      $0.promised.formUnion(ids)
      $0.broken.formUnion(broken)
    }
  }

  /// Writes under another name, then renames: all of it on disk before and after, if requested.
  ///
  /// File by file: a barrier for the whole file system would bring eventdrop's files to disk as well.
  private func put(first files: [(ending: String, content: String)], isSynced: Bool) -> Bool {
    let isSynced = isSyncing && isSynced
    // A drop of which the sender was not sure may be torn by a power cut, and be found so.
    let names = files.map { newName(isSynced || !isSyncing ? "d" : "u") + $0.ending }
    for (name, file) in zip(names, files) {
      let path = "\(folders.root)/inbox/\(name).part"
      guard Files.write(Array(file.content.utf8), to: path, isSynced: isSynced) else { return false }
    }
    for name in names {
      guard rename("\(folders.root)/inbox/\(name).part", "\(folders.root)/inbox/\(name)") == 0 else { return false }
    }
    return !isSynced || Files.sync(folder: "\(folders.root)/inbox")
  }

  // MARK: Moving

  /// `mv FOLDER/x inbox/`, like a person who wants it processed again.
  private func move(from folder: String, _ dice: inout Dice) {
    // A contested event has two files; moving one over the other would be the mover's own loss.
    let names = Files.names(in: folder).filter {
      !$0.hasPrefix("c-") && !$0.hasPrefix(".") && !$0.hasSuffix(".error") && $0 != "forwards.jsonl"
    }
    let inbox = "\(folders.root)/inbox"
    guard let name = names.randomElement(using: &dice), !Files.exists("\(inbox)/\(name)") else { return }
    ledger.note { _ = $0.moved.insert(name) }
    // The sidecar first: the file may be back, with a new one, before a second move.
    if dice.hits(oneIn: 2) { rename("\(folder)/\(name).error", "\(inbox)/\(name).error") }
    _ = Files.move("\(folder)/\(name)", to: "\(inbox)/\(name)")
  }
}
