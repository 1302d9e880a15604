import DurableFiles
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite(.tags(.fast)) struct FolderTests {
  private let tree = TemporaryTree()

  private func folder(_ name: String) throws -> Folder {
    try Folder.opening(tree.path.appending(name), makingWithMode: 0o750, files: SystemFiles())
  }

  @Test func `An unnamed file appears whole, and never in the place of another`() throws {
    let folder = try folder("a")
    let file = try UnnamedFile(in: folder, mode: 0o640)
    try file.write(Array("one".utf8).span)
    #expect(tree.names("a") == [])
    #expect(try file.publish(as: FileName("x")))
    let second = try UnnamedFile(in: folder, mode: 0o640)
    try second.write(Array("two".utf8).span)
    #expect(try !second.publish(as: FileName("x")))
    #expect(tree.readText("a/x") == "one")
    try second.publish(replacing: FileName("x"))
    #expect(tree.readText("a/x") == "two")
    #expect(tree.names("a") == ["x"])
  }

  @Test func `A text stands for the name that it spells, and for itself`() {
    func names(_ text: String) -> [[UInt8]] { FileName.candidates(text).map { Array($0.bytes) } }
    #expect(names(#"b\xFF"#) == [[0x62, 0xFF], Array(#"b\xFF"#.utf8)])
    #expect(names(#"\\\xc3"#) == [[0x5C, 0xC3], Array(#"\\\xc3"#.utf8)])
    // Text, which is never spelled, and what only looks like a spelling.
    for text in ["plain", #"b\x41"#, #"\xC3\xA9"#, #"\xF"#, #"a\b\xFF"#] { #expect(names(text) == [Array(text.utf8)]) }
    #expect(names(#"a/b\xFF"#) == [])
  }

  @Test func `A move to another file system leaves one whole file`() throws {
    // Memory and disk are two file systems on any Linux; if they are one, the move is a rename.
    let other = TemporaryTree(in: "/tmp")
    let target = try Folder.opening(other.path.appending("b"), makingWithMode: 0o750, files: SystemFiles())
    tree.write(String(repeating: "x", count: 1 << 20), to: "a/file")
    let source = try folder("a")
    #expect(try source.move(FileName("file"), to: target, as: FileName("file"), isQuiet: true) == .done)
    #expect(tree.names("a") == [])
    #expect(other.read("b/file")?.count == 1 << 20)
    tree.write("new", to: "a/file")
    #expect(try source.move(FileName("file"), to: target, as: FileName("file"), isQuiet: true) == .nameTaken)
    #expect(tree.readText("a/file") == "new")
  }

  @Test func `A link is never opened`() throws {
    tree.write("secret", to: "secret")
    _ = try folder("a")
    symlink("../secret", tree.path.string + "/a/link")
    #expect(throws: FileFailure.self) { try folder("a").read(FileName("link"), limit: 100) }
    #expect(try folder("a").status(of: FileName("link"))?.kind == .symbolicLink)
  }

  @Test func `A read stops at its limit`() throws {
    tree.write("12345", to: "a/x")
    #expect(try folder("a").read(FileName("x"), limit: 5) == Array("12345".utf8))
    #expect(try folder("a").read(FileName("y"), limit: 5) == nil)
    #expect(throws: FileFailure.self) { try folder("a").read(FileName("x"), limit: 4) }
  }

  @Test(arguments: [[], [0x2E], [0x2E, 0x2E], [0x61, 0x2F], [0x61, 0]] as [[UInt8]])
  func `Some bytes are no name`(bytes: [UInt8]) {
    #expect(FileName(bytes: bytes) == nil)
  }

  @Test func `A name may have any other bytes`() throws {
    let name = try #require(FileName(bytes: [0xFF, 0x0A, 0x20]))
    let file = try UnnamedFile(in: folder("a"), mode: 0o640)
    #expect(try file.publish(as: name))
    #expect(try folder("a").names() == [name])
  }

  @Test func `A folder of any other bytes is the one that its path leads to, and is shown as it can be typed`() throws {
    let name = try #require(FileName(bytes: [0x62, 0xE9]))
    let outer = try folder("a")
    let inner = try outer.folder(name, makingWithMode: 0o755)
    #expect(try inner.isInPlace())
    #expect(inner.path.bytes == outer.path.bytes + [0x2F, 0x62, 0xE9])
    #expect(inner.pathText(of: FileName("c")) == "\(outer.path)/b\\xE9/c")
    #expect(inner.path.spelled.hasSuffix(#"/b\xE9"#) && FilePath(spelled: inner.path.spelled) == inner.path)
    #expect(outer.path.isText && !inner.path.isText)
  }

  @Test func `A lock is held once, and names its holder`() throws {
    let state = try folder("state")
    let lock = try FileLock.take(FileName("lock"), in: state, mode: 0o640, processID: 4711)
    #expect(throws: FileLockError.held(byProcess: 4711)) {
      try FileLock.take(FileName("lock"), in: state, mode: 0o640, processID: 4712)
    }
    #expect(FileLock.holder(FileName("lock"), in: state) == 4711)
    withExtendedLifetime(lock) {}
  }

  @Test(arguments: [true, false])
  func `A lock is held also after its file was removed, or made again`(isMadeAgain: Bool) throws {
    let state = try folder("state")
    let lock = try FileLock.take(FileName("lock"), in: state, mode: 0o640, processID: 4711)
    try state.remove(FileName("lock"))
    if isMadeAgain { #expect(try UnnamedFile(in: state, mode: 0o640).publish(as: FileName("lock"))) }
    #expect(FileLock.isHeld(FileName("lock"), in: state))
    do throws(FileLockError) {
      _ = try FileLock.take(FileName("lock"), in: state, mode: 0o640, processID: 4712)
      Issue.record("it was taken twice")
    } catch {
      // The file no longer says; the kernel may.
      #expect(error == .held(byProcess: ProcessLimits.processID) || error == .held(byProcess: nil))
    }
    #expect(try state.names() == (isMadeAgain ? [FileName("lock")] : []))
    withExtendedLifetime(lock) {}
  }

  @Test func `A lock that is given back can be taken again, and a question keeps nobody from it`() throws {
    let state = try folder("state")
    for process in [Int32(1), 2] {
      #expect(!FileLock.isHeld(FileName("lock"), in: state))
      let lock = try FileLock.take(FileName("lock"), in: state, mode: 0o640, processID: process)
      #expect(FileLock.holder(FileName("lock"), in: state) == process)
      withExtendedLifetime(lock) {}
    }
    #expect(FileLock.holder(FileName("lock"), in: state) == nil)
  }

  @Test(arguments: [
    ("a.json", 2, "a~2.json"), ("orders.jsonl.3.json", 3, "orders.jsonl.3~3.json"), ("a.json.gz", 2, "a~2.json.gz"),
    (".hidden", 2, ".hidden~2"), ("plain", 2, "plain~2"),
  ])
  func `A name that is taken gets a number before its ending`(name: String, number: Int, expected: String) {
    #expect(AlternativeNames(FileName(name)).candidate(number) == FileName(expected))
  }
}

@Suite(.tags(.fast)) struct SeamTests {
  @Test func `No file call goes round the seam`() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Sources"
    let calls = ["openat(", "fopen(", " open(\"", "unlink(", "renameat", "fsync(", "linkat(", "mkdir("]
    // The interface itself, and the time zone database, which belongs to the system like a library's code.
    let allowed = ["SystemFiles.swift", "TimeZoneFile.swift"]
    var found: [String] = []
    for path in swiftFiles(in: root) where !allowed.contains(where: { path.hasSuffix("/\($0)") }) {
      let text = try #require(readText(path))
      for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        if calls.contains(where: { line.contains($0) }) { found.append("\(path): \(line)") }
      }
    }
    #expect(found == [])
  }

  private func swiftFiles(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var files: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      if name.hasSuffix(".swift") {
        files.append("\(folder)/\(name)")
      } else {
        files += swiftFiles(in: "\(folder)/\(name)")
      }
    }
    return files
  }

  private func readText(_ path: String) -> String? {
    guard let stream = fopen(path, "rb") else { return nil }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, stream)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
