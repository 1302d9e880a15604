import Synchronization

/// Somebody who reads `processed/` all the while.
final class Watcher: Sendable {
  private let root: String
  private let isStopped = Atomic(false)
  private let reads = Atomic(0)

  init(root: String) {
    self.root = root
  }

  /// How many records it has read.
  var recordsRead: Int { reads.load(ordering: .relaxed) }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// Reads until it is stopped.
  ///
  /// - Returns: What it should not have seen.
  func run() -> Set<String> {
    var flaws: Set<String> = []
    while !isStopped.load(ordering: .relaxed) {
      // The newest are those that may be half done.
      let folder = "processed/\(day(ago: 0))"
      for name in Files.names(in: "\(root)/\(folder)").shuffled().prefix(150) where name != "forwards.jsonl" {
        guard name.hasSuffix(".json"), !name.hasPrefix(".") else {
          flaws.insert("a reader saw \(folder)/\(name)")
          continue
        }
        // A record may be moved away between the two.
        guard let bytes = Files.content(of: "\(root)/\(folder)/\(name)") else { continue }
        reads.add(1, ordering: .relaxed)
        if let flaw = Payload.flaw(of: bytes, named: name) { flaws.insert("a reader saw \(folder)/\(name): \(flaw)") }
      }
      Files.pause(milliseconds: 5)
    }
    return flaws
  }
}
