import DurableFiles
import SystemPackage
import TestSupport
import Testing

/// Folders that do not answer are errors; others are not affected.
@Suite(.tags(.fast)) struct PatientFilesTests {
  private let tree = TemporaryTree()
  private let recording = RecordingFiles()
  /// Holds up calls, until it is opened.
  private let gate = Gate()
  /// Of linux/magic.h: NFS.
  private static let share: UInt64 = 0x6969

  init() {
    tree.write("content", to: "a/file")
    tree.write("content", to: "b/file")
  }

  /// On a share, or on the local disk.
  private func patient(isShare: Bool = true) -> PatientFiles {
    if isShare { recording.pretend(fileSystemType: Self.share) }
    return PatientFiles(recording, patience: .milliseconds(50))
  }

  private func hold(_ operation: String) {
    recording.before(operation) { [gate] in gate.wait() }
  }

  private func open(_ name: String, _ files: PatientFiles) throws(FileFailure) -> Folder {
    try Folder(at: tree.path.appending(name), files: files)
  }

  private func isSilent(_ body: () throws(FileFailure) -> some Any) -> Bool {
    do throws(FileFailure) {
      _ = try body()
      return false
    } catch {
      return error.errno == .timedOut
    }
  }

  @Test(arguments: [true, false])
  func `Every operation has its result, on a share as on a disk`(isShare: Bool) throws {
    let files = patient(isShare: isShare)
    let folder = try Folder.opening(tree.path.appending("new/inner"), makingWithMode: 0o750, files: files)
    let file = try UnnamedFile(in: folder, mode: 0o640)
    try file.write(Array("one".utf8).span)
    try file.sync()
    #expect(try file.publish(as: FileName("x")))
    try folder.sync()
    #expect(try folder.read(FileName("x"), limit: 10) == Array("one".utf8))
    #expect(try folder.names() == [FileName("x")])
    #expect(try folder.status(of: FileName("x"))?.size == 3)
    #expect(try folder.status(of: FileName("none")) == nil)
    let other = try open("a", files)
    #expect(try folder.rename(FileName("x"), to: other, as: FileName("y")) == .done)
    #expect(tree.names("a") == ["file", "y"])
    try other.remove(FileName("y"))
    #expect(try folder.space().totalBytes > 0)
    #expect(folder.mayChangeNames && folder.isOfThisMachineAlone == !isShare)
    #expect(throws: FileFailure("open the folder", "\(tree.path)/none", .noSuchFileOrDirectory)) {
      try open("none", files)
    }
  }

  @Test func `A folder that does not answer is an error, at once the second time, and no other waits for it`() throws {
    let files = patient()
    let folder = try open("a", files)
    hold("look at a/file")
    #expect(isSilent { () throws(FileFailure) in try folder.status(of: FileName("file")) })
    let clock = ContinuousClock()
    let begun = clock.now
    for _ in 0..<20 { #expect(isSilent { () throws(FileFailure) in try folder.names() }) }
    #expect(isSilent { () throws(FileFailure) in try open("a", files) })
    #expect(isSilent { () throws(FileFailure) in try open("a/inner", files) })
    #expect(begun.duration(to: clock.now) < .seconds(1))
    #expect(try open("b", files).read(FileName("file"), limit: 10) == Array("content".utf8))
    gate.open()
    // It answers again.
    while isSilent({ () throws(FileFailure) in try folder.names() }) {}
    #expect(try folder.read(FileName("file"), limit: 10) == Array("content".utf8))
  }

  @Test func `Folders are asked before they are opened, and waited for together`() throws {
    let names = ["a", "b"]
    for name in names { hold("open folder \(name)") }
    let files = patient()
    files.begin(names.map { tree.path.appending($0) })
    for name in names { #expect(isSilent { () throws(FileFailure) in try open(name, files) }) }
    gate.open()
  }

  @Test func `A late answer does not write into memory that belongs to others by then`() throws {
    let files = patient()
    let folder = try open("a", files)
    guard let file = try folder.open(FileName("file")) else { throw Errno.noSuchFileOrDirectory }
    hold("read file")
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 7, alignment: 1)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0x2E)
    #expect(isSilent { () throws(FileFailure) in try file.read(into: buffer) })
    gate.open()
    while isSilent({ () throws(FileFailure) in try folder.status() }) {}
    #expect(String(decoding: buffer, as: UTF8.self) == ".......")
  }
}
