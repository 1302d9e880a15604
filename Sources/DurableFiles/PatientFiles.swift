internal import Synchronization
package import SystemPackage

/// File operations that wait for a folder, but not for ever: if it does not answer in time, the operation fails with
/// `timedOut`, as it does on a share that is mounted so (nfs(5), `soft`).
///
/// For commands: a person or a script waits for the answer, and other folders may have one. A daemon has a thread for
/// each folder instead, and waits.
///
/// A call that hangs cannot be ended, only left alone. So each call that may hang is made on another thread: on opening
/// a folder, and whatever concerns a file system that others than this kernel can hold up (NFS, CIFS, FUSE). A local
/// disk answers or fails; it is called directly, because a command may read millions of files.
///
/// An operation that was given up may still be performed when the folder answers again: whoever changes something must
/// not go on after such an error. If it opens a file, the descriptor is never closed; but a folder is asked again only
/// once it has answered, so there is one for each folder at most.
package final class PatientFiles: FileOperations {
  /// How long a folder is waited for.
  package static let patience = Duration.seconds(3)
  /// How much longer a barrier is waited for, which ends when a disk has done its work.
  private static let barrierFactor = 10

  private struct State {
    var places: [FilePath: Place] = [:]
    /// What each open folder and file belongs to, except those on local disks.
    var descriptors: [Int32: Place] = [:]
  }

  private let files: any FileOperations
  private let patience: Duration
  private let state = Mutex(State())

  /// - Parameters:
  ///   - files: Performs the operations.
  ///   - patience: How long a folder is waited for.
  package init(_ files: any FileOperations = SystemFiles(), patience: Duration = PatientFiles.patience) {
    self.files = files
    self.patience = patience
  }

  /// Asks folders whether they answer, and does not wait: however many of them hang, those who open them afterwards
  /// wait only as long as for one.
  package func begin(_ paths: [FilePath]) {
    for path in paths {
      place(of: path).begin { [files] in
        guard let descriptor = try? files.openFolder(path) else { return }
        _ = try? files.fileSystemType(descriptor)
        files.close(descriptor)
      }
    }
  }

  // MARK: Places

  /// The place that a path leads to: an outer one that does not answer, or its own.
  private func place(of path: FilePath) -> Place {
    state.withLock { state in
      if let outer = state.places.first(where: { path.starts(with: $0.key) && $0.value.isSilent })?.value {
        return outer
      }
      if let known = state.places[path] { return known }
      let place = Place()
      state.places[path] = place
      return place
    }
  }

  /// What a descriptor belongs to; nil if that always answers.
  private func place(_ descriptors: Int32...) -> Place? {
    state.withLock { state in
      for descriptor in descriptors {
        if let place = state.descriptors[descriptor] { return place }
      }
      return nil
    }
  }

  /// Opens a folder, and finds out whether it is on a local disk.
  private func openFolder(
    _ place: Place, _ open: @escaping @Sendable (any FileOperations) throws(Errno) -> Int32
  ) throws(Errno) -> Int32 {
    let (descriptor, isLocal) = try place.ask(within: patience) { [files] () throws(Errno) in
      let descriptor = try open(files)
      return (descriptor, ((try? files.fileSystemType(descriptor)).map(isLocalFileSystem)) ?? false)
    }
    if !isLocal { state.withLock { $0.descriptors[descriptor] = place } }
    return descriptor
  }

  /// Calls directly, or on another thread if the call may hang.
  private func call<Value: Sendable>(
    _ place: Place?, within limit: Duration? = nil,
    _ body: @escaping @Sendable (any FileOperations) throws(Errno) -> Value
  ) throws(Errno) -> Value {
    guard let place else { return try body(files) }
    return try place.ask(within: limit ?? patience) { [files] () throws(Errno) in try body(files) }
  }

  /// The same, for what opens a file.
  private func open(
    _ place: Place?, _ body: @escaping @Sendable (any FileOperations) throws(Errno) -> Int32
  ) throws(Errno) -> Int32 {
    let descriptor = try call(place, body)
    if let place { state.withLock { $0.descriptors[descriptor] = place } }
    return descriptor
  }

  /// The same, for what fills a buffer: the caller's may be gone before a call returns that was given up.
  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, _ place: Place?,
    _ body: @escaping @Sendable (any FileOperations, UnsafeMutableRawBufferPointer) throws(Errno) -> Int
  ) throws(Errno) -> Int {
    guard let place else { return try body(files, buffer) }
    let count = buffer.count
    let bytes = try place.ask(within: patience) { [files] () throws(Errno) -> [UInt8] in
      // Aligned for the entries of folders.
      let own = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
      defer { own.deallocate() }
      return Array(own[..<(try body(files, own))])
    }
    buffer.copyBytes(from: bytes)
    return bytes.count
  }
}

// MARK: Operations

extension PatientFiles {
  package func open(_ folder: Int32, _ name: FileName, _ access: FileAccess) throws(Errno) -> Int32 {
    try open(place(folder)) { (files) throws(Errno) in try files.open(folder, name, access) }
  }

  package func openFolder(_ path: FilePath) throws(Errno) -> Int32 {
    try openFolder(place(of: path)) { (files) throws(Errno) in try files.openFolder(path) }
  }

  package func openFolder(_ folder: Int32, _ name: FileName?) throws(Errno) -> Int32 {
    // Another file system may be mounted there.
    try openFolder(place(folder) ?? Place()) { (files) throws(Errno) in try files.openFolder(folder, name) }
  }

  package func openUnnamed(_ folder: Int32, mode: UInt32) throws(Errno) -> Int32 {
    try open(place(folder)) { (files) throws(Errno) in try files.openUnnamed(folder, mode: mode) }
  }

  package func create(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) -> Int32 {
    try open(place(folder)) { (files) throws(Errno) in try files.create(folder, name, mode: mode) }
  }

  package func close(_ descriptor: Int32) {
    let place = state.withLock { $0.descriptors.removeValue(forKey: descriptor) }
    // Bytes that were written may still be on their way to the server. If it does not answer, that was noticed before.
    try? call(place) { files in files.close(descriptor) }
  }

  package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try fill(buffer, place(descriptor)) { (files, buffer) throws(Errno) in try files.read(descriptor, buffer) }
  }

  package func read(
    _ descriptor: Int32, at offset: Int, _ buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    try fill(buffer, place(descriptor)) { (files, buffer) throws(Errno) in
      try files.read(descriptor, at: offset, buffer)
    }
  }

  package func skipHole(_ descriptor: Int32) throws(Errno) -> Int {
    try call(place(descriptor)) { (files) throws(Errno) in try files.skipHole(descriptor) }
  }

  package func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
    guard let place = place(descriptor) else { return try files.write(descriptor, buffer) }
    let bytes = Array(buffer)
    return try place.ask(within: patience) { [files] () throws(Errno) -> Int in
      let own = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      defer { own.deallocate() }
      own.copyBytes(from: bytes)
      return try files.write(descriptor, UnsafeRawBufferPointer(own))
    }
  }

  package func truncate(_ descriptor: Int32, to size: Int) throws(Errno) {
    try call(place(descriptor)) { (files) throws(Errno) in try files.truncate(descriptor, to: size) }
  }

  package func status(_ descriptor: Int32) throws(Errno) -> FileStatus {
    try call(place(descriptor)) { (files) throws(Errno) in try files.status(descriptor) }
  }

  package func status(_ folder: Int32, _ name: FileName) throws(Errno) -> FileStatus {
    try call(place(folder)) { (files) throws(Errno) in try files.status(folder, name) }
  }

  package func folderStatus(_ path: FilePath) throws(Errno) -> FileStatus {
    try call(place(of: path)) { (files) throws(Errno) in try files.folderStatus(path) }
  }

  package func setMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno) {
    try call(place(descriptor)) { (files) throws(Errno) in try files.setMode(descriptor, mode) }
  }

  package func makeFolder(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) {
    try call(place(folder)) { (files) throws(Errno) in try files.makeFolder(folder, name, mode: mode) }
  }

  package func makeFolder(_ path: FilePath, mode: UInt32) throws(Errno) {
    try call(place(of: path)) { (files) throws(Errno) in try files.makeFolder(path, mode: mode) }
  }

  package func readEntries(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try fill(buffer, place(descriptor)) { (files, buffer) throws(Errno) in
      try files.readEntries(descriptor, buffer)
    }
  }

  package func link(_ descriptor: Int32, _ folder: Int32, _ name: FileName) throws(Errno) {
    try call(place(folder)) { (files) throws(Errno) in try files.link(descriptor, folder, name) }
  }

  package func link(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno) {
    try call(place(folder, toFolder)) { (files) throws(Errno) in try files.link(folder, name, toFolder, toName) }
  }

  package func readSymbolicLink(_ folder: Int32, _ name: FileName) throws(Errno) -> [UInt8] {
    try call(place(folder)) { (files) throws(Errno) in try files.readSymbolicLink(folder, name) }
  }

  package func makeSymbolicLink(_ text: [UInt8], _ folder: Int32, _ name: FileName) throws(Errno) {
    try call(place(folder)) { (files) throws(Errno) in try files.makeSymbolicLink(text, folder, name) }
  }

  package func makeSpecialFile(_ kind: SpecialFile, _ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) {
    try call(place(folder)) { (files) throws(Errno) in try files.makeSpecialFile(kind, folder, name, mode: mode) }
  }

  package func rename(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno) {
    try call(place(folder, toFolder)) { (files) throws(Errno) in try files.rename(folder, name, toFolder, toName) }
  }

  package func renameExclusively(
    _ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName
  ) throws(Errno) {
    try call(place(folder, toFolder)) { (files) throws(Errno) in
      try files.renameExclusively(folder, name, toFolder, toName)
    }
  }

  package func remove(_ folder: Int32, _ name: FileName) throws(Errno) {
    try call(place(folder)) { (files) throws(Errno) in try files.remove(folder, name) }
  }

  package func removeFolder(_ folder: Int32, _ name: FileName) throws(Errno) {
    try call(place(folder)) { (files) throws(Errno) in try files.removeFolder(folder, name) }
  }

  package func sync(_ descriptor: Int32) throws(Errno) {
    try call(place(descriptor), within: patience * Self.barrierFactor) { (files) throws(Errno) in
      try files.sync(descriptor)
    }
  }

  package func syncFileSystem(_ descriptor: Int32) throws(Errno) {
    try call(place(descriptor), within: patience * Self.barrierFactor) { (files) throws(Errno) in
      try files.syncFileSystem(descriptor)
    }
  }

  package func probeReadLease(_ descriptor: Int32) throws(Errno) {
    try call(place(descriptor)) { (files) throws(Errno) in try files.probeReadLease(descriptor) }
  }

  package func takeReadLease(_ descriptor: Int32) throws(Errno) {
    try call(place(descriptor)) { (files) throws(Errno) in try files.takeReadLease(descriptor) }
  }

  package func dropLease(_ descriptor: Int32) {
    try? call(place(descriptor)) { files in files.dropLease(descriptor) }
  }

  package func lock(_ descriptor: Int32) throws(Errno) {
    try call(place(descriptor)) { (files) throws(Errno) in try files.lock(descriptor) }
  }

  package func isLocked(_ descriptor: Int32) throws(Errno) -> Bool {
    try call(place(descriptor)) { (files) throws(Errno) in try files.isLocked(descriptor) }
  }

  package func lockFolder(_ descriptor: Int32, isShared: Bool) throws(Errno) {
    try call(place(descriptor)) { (files) throws(Errno) in try files.lockFolder(descriptor, isShared: isShared) }
  }

  package func space(_ descriptor: Int32) throws(Errno) -> FreeSpace {
    try call(place(descriptor)) { (files) throws(Errno) in try files.space(descriptor) }
  }

  package func fileSystemType(_ descriptor: Int32) throws(Errno) -> UInt64 {
    try call(place(descriptor)) { (files) throws(Errno) in try files.fileSystemType(descriptor) }
  }

  package func mayChangeNames(in folder: Int32) throws(Errno) -> Bool {
    try call(place(folder)) { (files) throws(Errno) in try files.mayChangeNames(in: folder) }
  }
}
