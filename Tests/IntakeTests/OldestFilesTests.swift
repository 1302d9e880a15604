import DurableFiles
import Intake
import TestSupport
import Testing
import Time

/// What is remembered of a folder with more files than there is memory for.
@Suite(.tags(.fast)) struct OldestFilesTests {
  private func entry(_ name: String, modified: Int64) -> OldestFiles.Entry {
    OldestFiles.Entry(
      name: FileName(name),
      status: FileStatus(
        kind: .regular, size: 1, modified: modified, changed: 2, inode: 3, device: 4, links: 1, owner: 5, mode: 6))
  }

  @Test("In whatever order files come, the oldest are kept, in the order of mtime and name")
  func order() {
    let all = (0..<10_000).map { entry("file \($0 % 7) \($0)", modified: Int64($0 / 10)) }
    let wanted = all.sorted { ($0.status.modified, $0.name) < ($1.status.modified, $1.name) }
    for order in [all, all.reversed(), all.shuffled()] {
      var oldest = OldestFiles(byteLimit: 20_000)
      for entry in order { oldest.insert(entry) }
      oldest.trim()
      #expect(oldest.hasLeftOut)
      #expect(oldest.count > 200)
      #expect(oldest.map(\.name) == wanted.prefix(oldest.count).map(\.name))
      #expect(oldest.map(\.status) == wanted.prefix(oldest.count).map(\.status))
    }
  }

  @Test("Where there is room for all, none is left out")
  func room() {
    var oldest = OldestFiles(byteLimit: 1 << 20)
    for number in 0..<1000 { oldest.insert(entry("\(number)", modified: Int64(-number))) }
    oldest.trim()
    #expect(oldest.count == 1000)
    #expect(!oldest.hasLeftOut)
    #expect(oldest.first?.name == FileName("999"))
  }

  @Test("Long names leave room for fewer")
  func longNames() {
    func kept(nameLength: Int) -> Int {
      var oldest = OldestFiles(byteLimit: 100_000)
      for number in 1000..<5000 {
        oldest.insert(entry(String(repeating: "n", count: nameLength - 4) + "\(number)", modified: Int64(number)))
      }
      oldest.trim()
      return oldest.count
    }
    #expect(kept(nameLength: 8) > 3 * kept(nameLength: 255))
    #expect(kept(nameLength: 255) >= 300)
  }

  @Test("Look by look, files come oldest first, also those beyond what one look can keep")
  func looks() throws {
    let tree = TemporaryTree()
    for number in 0..<300 { tree.write("{}", to: "inbox/drop-\(number * 7919 % 300).json") }
    let folder = try Folder(at: tree.inbox, files: SystemFiles())
    var dropped: [OldestFiles.Entry] = []
    try folder.forEachEntry { name, _ throws(FileFailure) in
      if let status = try folder.status(of: name) { dropped.append(OldestFiles.Entry(name: name, status: status)) }
    }
    dropped.sort { ($0.status.modified, $0.name) < ($1.status.modified, $1.name) }
    var came: [FileName] = []
    var looks = 0
    var hasMore = true
    while hasMore {
      var readiness = Readiness(settle: .zero)
      let scan = try InboxScan(
        of: folder,
        by: InboxScan.Rules(
          patterns: NamePatterns(include: ["*.json"], exclude: []), marker: nil, readyBytes: 5000
        ) { _ in .zero },
        readiness: &readiness, clock: SystemClock())
      came += scan.ready.map(\.name)
      for entry in scan.ready { try folder.remove(entry.name) }
      hasMore = scan.hasMore
      looks += 1
    }
    #expect(came == dropped.map(\.name))
    #expect(looks > 3)
  }
}
