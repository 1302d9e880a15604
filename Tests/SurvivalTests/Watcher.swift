import Synchronization

/// Somebody who reads `processed/` all the time.
final class Watcher: Sendable {
  private let folders: Folders
  private let isStopped = Atomic(false)
  private let reads = Atomic(0)

  init(_ folders: Folders) {
    self.folders = folders
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
      // The newest are the ones that may be incomplete.
      let day = day(ago: 0)
      let folder = "\(folders.processed)/\(day)"
      for name in Files.names(in: folder).shuffled().prefix(150) where name != "forwards.jsonl" {
        guard name.hasSuffix(".json"), !name.hasPrefix(".") else {
          flaws.insert("a reader saw \(day)/\(name)")
          continue
        }
        // A record may be moved away between the two.
        guard let bytes = Files.content(of: "\(folder)/\(name)") else { continue }
        reads.add(1, ordering: .relaxed)
        if let flaw = Payload.flaw(of: bytes, named: name) { flaws.insert("a reader saw \(day)/\(name): \(flaw)") }
      }
      Files.pause(milliseconds: 5)
    }
    return flaws
  }
}
