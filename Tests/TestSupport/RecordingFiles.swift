package import DurableFiles
internal import Synchronization
package import SystemPackage

/// File operations that are performed and recorded; or, from a number on, refused or never performed.
package final class RecordingFiles: FileOperations {
  /// What happens at an operation.
  package enum Plan: Sendable {
    case perform
    /// The operation of this number fails, once.
    case fail(at: Int, Errno)
    /// All from this number on fail, until the plan is changed.
    case failFrom(at: Int, Errno)
    /// The operation of this number is performed, but reported as failed, as NFS can: once.
    case deny(at: Int, Errno)
    /// All from this number on fail, as if the process had stopped there.
    case stop(at: Int)
  }

  /// Which operations are numbered.
  package enum Scope: Sendable {
    /// Those that change something, and barriers.
    case changes
    /// Those that only read as well.
    case everything
  }

  private struct State {
    var log: [String] = []
    var names: [Int32: String] = [:]
    var count = 0
    var hasStruck = false
    /// The latest numbered operations, ending with the disturbed one.
    var latest: [String] = []
    var plan: Plan
    var deeds: [String: Deed] = [:]
    /// Those that are done each time.
    var lasting: [String: Deed] = [:]
    var numbered: [Int: Deed] = [:]
    var fileSystemType: UInt64?
    var space: FreeSpace?
  }

  /// Something that happens just before an operation; its error becomes the operation's error.
  package typealias Deed = @Sendable () throws(Errno) -> Void

  private let state: Mutex<State>
  private let real = SystemFiles()

  private let scope: Scope

  package init(_ plan: Plan = .perform, counting scope: Scope = .changes) {
    state = Mutex(State(plan: plan))
    self.scope = scope
  }

  /// The operations that change something or are barriers, in order, in the form `what file`.
  package var log: [String] { state.withLock { $0.log } }

  /// How many operations were made that a plan can hit.
  package var count: Int { state.withLock { $0.count } }

  /// The operation that was first refused or denied, with the five before it; for the message of a failing sweep.
  package var story: String {
    state.withLock { state in
      let what = state.hasStruck ? "struck" : "nothing was struck; the last was"
      let last = state.latest.last ?? "no operation"
      return "\(what) \(last), after \(state.latest.dropLast().joined(separator: ", "))"
    }
  }

  /// Whether an operation was refused or denied.
  package var hasStruck: Bool { state.withLock { $0.hasStruck } }

  package func clear() {
    state.withLock { $0.log = [] }
  }

  /// Replaces the plan.
  package func set(_ plan: Plan) {
    state.withLock { $0.plan = plan }
  }

  /// Makes the n-th operation from now on fail, once.
  package func fail(next number: Int, _ error: Errno) {
    state.withLock { $0.plan = .fail(at: $0.count + number, error) }
  }

  /// Calls something, once, just before the next operation with this text: as in the log, or `open NAME`,
  /// `open folder NAME`, `lease NAME`, `read NAME`, `look at NAME` for an open file, `look at FOLDER/NAME`.
  package func before(_ operation: String, _ deed: @escaping Deed) {
    state.withLock { $0.deeds[operation] = deed }
  }

  /// Calls something, once, just before the operation of this number.
  package func before(number: Int, _ deed: @escaping Deed) {
    state.withLock { $0.numbered[number] = deed }
  }

  /// The same, before each operation with this text; nil ends it.
  package func always(_ operation: String, _ deed: Deed?) {
    state.withLock { $0.lasting[operation] = deed }
  }

  private func prepare(_ text: String) throws(Errno) {
    try state.withLock { $0.deeds.removeValue(forKey: text) ?? $0.lasting[text] }?()
  }

  private func change<Result>(_ text: String, _ body: () throws(Errno) -> Result) throws(Errno) -> Result {
    state.withLock { $0.log.append(text) }
    try prepare(text)
    return try count(text, body)
  }

  private func look<Result>(
    _ text: @autoclosure () -> String, _ body: () throws(Errno) -> Result
  ) throws(Errno) -> Result {
    scope == .everything ? try count(text(), body) : try body()
  }

  private func count<Result>(_ text: String, _ body: () throws(Errno) -> Result) throws(Errno) -> Result {
    let (number, plan, deed) = state.withLock { state in
      state.count += 1
      if !state.hasStruck {
        state.latest.append("\(state.count): \(text)")
        if state.latest.count > 6 { state.latest.removeFirst() }
      }
      return (state.count, state.plan, state.numbered.removeValue(forKey: state.count))
    }
    try deed?()
    func strike(_ error: Errno) -> Errno {
      state.withLock { $0.hasStruck = true }
      return error
    }
    switch plan {
    case .perform: break
    case .fail(let at, let error): if number == at { throw strike(error) }
    case .failFrom(let at, let error): if number >= at { throw strike(error) }
    case .stop(let at): if number >= at { throw strike(.ioError) }
    case .deny(let at, let error):
      if number == at {
        _ = try body()
        throw strike(error)
      }
    }
    return try body()
  }

  private func name(_ descriptor: Int32) -> String { state.withLock { $0.names[descriptor] ?? "?" } }

  private func opened(_ descriptor: Int32, _ name: String) -> Int32 {
    state.withLock { $0.names[descriptor] = name }
    return descriptor
  }

  private func last(_ path: FilePath) -> String { path.lastComponent?.string ?? "/" }

  package func open(_ folder: Int32, _ name: FileName, _ access: FileAccess) throws(Errno) -> Int32 {
    try prepare("open \(name)")
    return try look("open \(self.name(folder))/\(name)") { () throws(Errno) in
      opened(try real.open(folder, name, access), "\(name)")
    }
  }

  package func openFolder(_ path: FilePath) throws(Errno) -> Int32 {
    try prepare("open folder \(last(path))")
    return try look("open folder \(last(path))") { () throws(Errno) in opened(try real.openFolder(path), last(path)) }
  }

  package func openFolder(_ folder: Int32, _ name: FileName?) throws(Errno) -> Int32 {
    try look("open folder \(name.map { "\($0)" } ?? ".") in \(self.name(folder))") { () throws(Errno) in
      opened(try real.openFolder(folder, name), name.map { "\($0)" } ?? self.name(folder))
    }
  }

  package func openUnnamed(_ folder: Int32, mode: UInt32) throws(Errno) -> Int32 {
    return try change("make unnamed in \(name(folder))") { () throws(Errno) in
      opened(try real.openUnnamed(folder, mode: mode), "unnamed")
    }
  }

  package func create(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) -> Int32 {
    return try change("create \(self.name(folder))/\(name)") { () throws(Errno) in
      opened(try real.create(folder, name, mode: mode), "\(name)")
    }
  }

  package func close(_ descriptor: Int32) { real.close(descriptor) }

  package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try prepare("read \(name(descriptor))")
    return try look("read \(name(descriptor))") { () throws(Errno) in try real.read(descriptor, buffer) }
  }

  package func skipHole(_ descriptor: Int32) throws(Errno) -> Int {
    try look("skip a hole in \(name(descriptor))") { () throws(Errno) in try real.skipHole(descriptor) }
  }

  package func read(
    _ descriptor: Int32, at offset: Int, _ buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    try look("read \(name(descriptor))") { () throws(Errno) in try real.read(descriptor, at: offset, buffer) }
  }

  package func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
    return try change("write \(name(descriptor))") { () throws(Errno) in try real.write(descriptor, buffer) }
  }

  package func truncate(_ descriptor: Int32, to size: Int) throws(Errno) {
    try change("truncate \(name(descriptor))") { () throws(Errno) in try real.truncate(descriptor, to: size) }
  }

  package func status(_ descriptor: Int32) throws(Errno) -> FileStatus {
    try prepare("look at \(name(descriptor))")
    return try look("look at \(name(descriptor))") { () throws(Errno) in try real.status(descriptor) }
  }

  package func status(_ folder: Int32, _ name: FileName) throws(Errno) -> FileStatus {
    try prepare("look at \(self.name(folder))/\(name)")
    return try look("look at \(self.name(folder))/\(name)") { () throws(Errno) in try real.status(folder, name) }
  }

  /// Not one of the operations: it is called before a portion, and changes nothing.
  package func folderStatus(_ path: FilePath) throws(Errno) -> FileStatus { try real.folderStatus(path) }

  package func setMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno) {
    try prepare("set the mode of \(name(descriptor))")
    try look("set the mode of \(name(descriptor))") { () throws(Errno) in try real.setMode(descriptor, mode) }
  }

  package func makeFolder(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) {
    try change("make folder \(name)") { () throws(Errno) in try real.makeFolder(folder, name, mode: mode) }
  }

  package func makeFolder(_ path: FilePath, mode: UInt32) throws(Errno) {
    try change("make folder \(last(path))") { () throws(Errno) in try real.makeFolder(path, mode: mode) }
  }

  package func readEntries(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try look("list \(name(descriptor))") { () throws(Errno) in try real.readEntries(descriptor, buffer) }
  }

  package func link(_ descriptor: Int32, _ folder: Int32, _ name: FileName) throws(Errno) {
    try change("name \(self.name(folder))/\(name)") { () throws(Errno) in try real.link(descriptor, folder, name) }
  }

  package func link(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno) {
    try change("link \(self.name(folder))/\(name) to \(self.name(toFolder))/\(toName)") { () throws(Errno) in
      try real.link(folder, name, toFolder, toName)
    }
  }

  package func readSymbolicLink(_ folder: Int32, _ name: FileName) throws(Errno) -> [UInt8] {
    try look("read link \(self.name(folder))/\(name)") { () throws(Errno) in
      try real.readSymbolicLink(folder, name)
    }
  }

  package func makeSymbolicLink(_ text: [UInt8], _ folder: Int32, _ name: FileName) throws(Errno) {
    try change("make link \(self.name(folder))/\(name)") { () throws(Errno) in
      try real.makeSymbolicLink(text, folder, name)
    }
  }

  package func makeSpecialFile(
    _ kind: SpecialFile, _ folder: Int32, _ name: FileName, mode: UInt32
  ) throws(Errno) {
    try change("make \(kind) \(self.name(folder))/\(name)") { () throws(Errno) in
      try real.makeSpecialFile(kind, folder, name, mode: mode)
    }
  }

  package func rename(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno) {
    try change("rename \(self.name(folder))/\(name) to \(self.name(toFolder))/\(toName)") { () throws(Errno) in
      try real.rename(folder, name, toFolder, toName)
    }
  }

  package func renameExclusively(
    _ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName
  ) throws(Errno) {
    try change("move \(self.name(folder))/\(name) to \(self.name(toFolder))/\(toName)") { () throws(Errno) in
      try real.renameExclusively(folder, name, toFolder, toName)
    }
  }

  package func remove(_ folder: Int32, _ name: FileName) throws(Errno) {
    try change("remove \(self.name(folder))/\(name)") { () throws(Errno) in try real.remove(folder, name) }
  }

  package func removeFolder(_ folder: Int32, _ name: FileName) throws(Errno) {
    try change("remove folder \(name)") { () throws(Errno) in try real.removeFolder(folder, name) }
  }

  package func sync(_ descriptor: Int32) throws(Errno) {
    try change("sync \(name(descriptor))") { () throws(Errno) in try real.sync(descriptor) }
  }

  package func syncFileSystem(_ descriptor: Int32) throws(Errno) {
    try change("sync file system") { () throws(Errno) in try real.syncFileSystem(descriptor) }
  }

  package func probeReadLease(_ descriptor: Int32) throws(Errno) {
    try prepare("lease \(name(descriptor))")
    return try look("lease \(name(descriptor))") { () throws(Errno) in try real.probeReadLease(descriptor) }
  }

  package func takeReadLease(_ descriptor: Int32) throws(Errno) {
    try prepare("lease \(name(descriptor))")
    return try look("lease \(name(descriptor))") { () throws(Errno) in try real.takeReadLease(descriptor) }
  }

  package func dropLease(_ descriptor: Int32) { real.dropLease(descriptor) }

  package func fileSystemType(_ descriptor: Int32) throws(Errno) -> UInt64 {
    if let type = state.withLock({ $0.fileSystemType }) { return type }
    return try look("ask for the file system of \(name(descriptor))") { () throws(Errno) in
      try real.fileSystemType(descriptor)
    }
  }

  package func mayChangeNames(in folder: Int32) throws(Errno) -> Bool {
    try look("ask for the rights to \(name(folder))") { () throws(Errno) in try real.mayChangeNames(in: folder) }
  }

  /// Makes every folder report this kind of file system.
  package func pretend(fileSystemType type: UInt64?) {
    state.withLock { $0.fileSystemType = type }
  }

  package func lock(_ descriptor: Int32) throws(Errno) { try real.lock(descriptor) }
  package func isLocked(_ descriptor: Int32) throws(Errno) -> Bool { try real.isLocked(descriptor) }
  package func lockFolder(_ descriptor: Int32, isShared: Bool) throws(Errno) {
    try prepare("lock folder \(name(descriptor))")
    try real.lockFolder(descriptor, isShared: isShared)
  }
  /// Makes every folder report this much free space.
  package func pretend(space: FreeSpace?) {
    state.withLock { $0.space = space }
  }

  package func space(_ descriptor: Int32) throws(Errno) -> FreeSpace {
    if let space = state.withLock({ $0.space }) { return space }
    return try look("ask for the space of \(name(descriptor))") { () throws(Errno) in try real.space(descriptor) }
  }
}
