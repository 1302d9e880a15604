package import DurableFiles
internal import Synchronization
package import SystemPackage

/// File operations that are done, and written down; or, from a number on, refused or never done.
package final class RecordingFiles: FileOperations {
  /// What happens at an operation.
  package enum Plan: Sendable {
    case perform
    /// The operation of this number fails, once.
    case fail(at: Int, Errno)
    /// All from this number on fail, as if the process had stopped there.
    case stop(at: Int)
  }

  private struct State {
    var log: [String] = []
    var names: [Int32: String] = [:]
    var count = 0
    var plan: Plan
  }

  private let state: Mutex<State>
  private let real = SystemFiles()

  package init(_ plan: Plan = .perform) {
    state = Mutex(State(plan: plan))
  }

  /// The operations that change something or are barriers, in order, as `what file`.
  package var log: [String] { state.withLock { $0.log } }

  /// How many operations were made that a plan can hit.
  package var count: Int { state.withLock { $0.count } }

  package func clear() {
    state.withLock { $0.log = [] }
  }

  /// Lets the n-th operation from now on fail, once.
  package func fail(next number: Int, _ error: Errno) {
    state.withLock { $0.plan = .fail(at: $0.count + number, error) }
  }

  private func note(_ text: String) throws(Errno) {
    let (number, plan) = state.withLock { state in
      state.count += 1
      state.log.append(text)
      return (state.count, state.plan)
    }
    switch plan {
    case .perform: return
    case .fail(let at, let error): if number == at { throw error }
    case .stop(let at): if number >= at { throw .ioError }
    }
  }

  private func name(_ descriptor: Int32) -> String { state.withLock { $0.names[descriptor] ?? "?" } }

  private func opened(_ descriptor: Int32, _ name: String) -> Int32 {
    state.withLock { $0.names[descriptor] = name }
    return descriptor
  }

  private func last(_ path: FilePath) -> String { path.lastComponent?.string ?? "/" }

  package func open(_ folder: Int32, _ name: FileName, _ access: FileAccess) throws(Errno) -> Int32 {
    opened(try real.open(folder, name, access), "\(name)")
  }

  package func openFolder(_ path: FilePath) throws(Errno) -> Int32 { opened(try real.openFolder(path), last(path)) }

  package func openFolder(_ folder: Int32, _ name: FileName?) throws(Errno) -> Int32 {
    opened(try real.openFolder(folder, name), name.map { "\($0)" } ?? self.name(folder))
  }

  package func openUnnamed(_ folder: Int32, mode: UInt32) throws(Errno) -> Int32 {
    try note("make unnamed in \(name(folder))")
    return opened(try real.openUnnamed(folder, mode: mode), "unnamed")
  }

  package func create(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) -> Int32 {
    try note("create \(self.name(folder))/\(name)")
    return opened(try real.create(folder, name, mode: mode), "\(name)")
  }

  package func close(_ descriptor: Int32) { real.close(descriptor) }

  package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try real.read(descriptor, buffer)
  }

  package func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
    try note("write \(name(descriptor))")
    return try real.write(descriptor, buffer)
  }

  package func truncate(_ descriptor: Int32, to size: Int) throws(Errno) {
    try note("truncate \(name(descriptor))")
    try real.truncate(descriptor, to: size)
  }

  package func status(_ descriptor: Int32) throws(Errno) -> FileStatus { try real.status(descriptor) }
  package func status(_ folder: Int32, _ name: FileName) throws(Errno) -> FileStatus { try real.status(folder, name) }
  package func setMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno) { try real.setMode(descriptor, mode) }

  package func makeFolder(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) {
    try note("make folder \(name)")
    try real.makeFolder(folder, name, mode: mode)
  }

  package func makeFolder(_ path: FilePath, mode: UInt32) throws(Errno) {
    try note("make folder \(last(path))")
    try real.makeFolder(path, mode: mode)
  }

  package func readEntries(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try real.readEntries(descriptor, buffer)
  }

  package func link(_ descriptor: Int32, _ folder: Int32, _ name: FileName) throws(Errno) {
    try note("name \(self.name(folder))/\(name)")
    try real.link(descriptor, folder, name)
  }

  package func link(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno) {
    try note("link \(self.name(folder))/\(name) to \(self.name(toFolder))/\(toName)")
    try real.link(folder, name, toFolder, toName)
  }

  package func rename(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno) {
    try note("rename \(self.name(folder))/\(name) to \(self.name(toFolder))/\(toName)")
    try real.rename(folder, name, toFolder, toName)
  }

  package func renameExclusively(
    _ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName
  ) throws(Errno) {
    try note("move \(self.name(folder))/\(name) to \(self.name(toFolder))/\(toName)")
    try real.renameExclusively(folder, name, toFolder, toName)
  }

  package func remove(_ folder: Int32, _ name: FileName) throws(Errno) {
    try note("remove \(self.name(folder))/\(name)")
    try real.remove(folder, name)
  }

  package func removeFolder(_ folder: Int32, _ name: FileName) throws(Errno) {
    try note("remove folder \(name)")
    try real.removeFolder(folder, name)
  }

  package func sync(_ descriptor: Int32) throws(Errno) {
    try note("sync \(name(descriptor))")
    try real.sync(descriptor)
  }

  package func syncFileSystem(_ descriptor: Int32) throws(Errno) {
    try note("sync file system")
    try real.syncFileSystem(descriptor)
  }

  package func probeReadLease(_ descriptor: Int32) throws(Errno) { try real.probeReadLease(descriptor) }
  package func lock(_ descriptor: Int32) throws(Errno) { try real.lock(descriptor) }
  package func space(_ descriptor: Int32) throws(Errno) -> FreeSpace { try real.space(descriptor) }
}
