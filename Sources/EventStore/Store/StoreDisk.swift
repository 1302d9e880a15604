internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import SystemPackage

/// The store's blocking disk operations, each kind on its own thread: so the store answers others meanwhile, and
/// portions follow each other like work on a line.
struct StoreDisk: Sendable {
  private let durability: StoreOptions.Durability
  private let fileMode: UInt32
  private let barrier: Barrier
  private let writing = WaitingThread(name: "write")
  private let barriers = WaitingThread(name: "barrier")
  private let names = WaitingThread(name: "names")
  private let journals = WaitingThread(name: "journal")

  /// - Parameters:
  ///   - processed: The folder on whose file system the records are.
  ///   - options: How durable writes must be.
  /// - Throws: `StorageError`.
  init(_ processed: Folder, _ options: StoreOptions) throws(StorageError) {
    barrier = try StorageError.wrappingFiles { () throws(FileFailure) in try Barrier(of: processed) }
    durability = options.durability
    fileMode = options.layout.fileMode
  }

  /// To be called before the first byte for `makeDurable` is written.
  ///
  /// - Throws: `StorageError`.
  func begin() throws(StorageError) -> Barrier.Ticket {
    try StorageError.wrappingFiles { () throws(FileFailure) in try barrier.begin() }
  }

  /// Writes records to files without names.
  ///
  /// - Parameters:
  ///   - records: Their bytes.
  ///   - partition: Where they will get their names.
  ///   - mayWait: Whether others hold descriptors that they will release; only then may there be none for the first
  ///     record.
  /// - Returns: The files of the first records, as many as there are descriptors.
  /// - Throws: `StorageError`.
  func write(
    _ records: [[UInt8]], in partition: Folder, mayWait: Bool
  ) async throws(StorageError) -> [UnnamedFile] {
    let mode = fileMode
    return try await writing.run { () throws(FileFailure) in
      var files: [UnnamedFile] = []
      files.reserveCapacity(records.count)
      for record in records {
        let file: UnnamedFile
        do throws(FileFailure) {
          file = try UnnamedFile(in: partition, mode: mode)
        } catch {
          guard error.errno == .tooManyOpenFiles, mayWait || !files.isEmpty else { throw error }
          break
        }
        try file.write(record.span)
        files.append(file)
      }
      return files
    }
  }

  /// Returns once the bytes of these files are on disk (I1).
  ///
  /// - Parameters:
  ///   - files: The files.
  ///   - ticket: Obtained before the first of them was written.
  /// - Throws: `StorageError`: they must then be written again (I2).
  func makeDurable(_ files: [UnnamedFile], since ticket: Barrier.Ticket) async throws(StorageError) {
    if durability == .group && files.count > 4 {
      let barrier = barrier
      return try await barriers.run { () throws(FileFailure) in try barrier.wait(for: ticket) }
    }
    guard durability != .off else { return }
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for file in files { try file.sync() }
    }
  }

  /// Gives files their names.
  ///
  /// - Returns: Whether each got its name, as far as this went; and why it went no further, if anything failed.
  /// - Throws: `StorageError`.
  func name(
    _ files: [UnnamedFile], _ names: [FileName]
  ) async throws(StorageError) -> (areNamed: [Bool], failure: FileFailure?) {
    try await writing.run { () throws(FileFailure) in
      var areNamed: [Bool] = []
      areNamed.reserveCapacity(files.count)
      for (file, name) in zip(files, names) {
        do throws(FileFailure) {
          areNamed.append(try file.publish(as: name))
        } catch {
          return (areNamed, Optional(error))
        }
      }
      return (areNamed, nil)
    }
  }

  /// Returns once the names in a folder are on disk (I3).
  ///
  /// - Throws: `StorageError`.
  func syncNames(in folder: Folder) async throws(StorageError) {
    guard durability != .off else { return }
    try await names.run { () throws(FileFailure) in try folder.sync() }
  }

  /// Appends acknowledgements to a partition's journal; they are on disk when this returns (I11).
  ///
  /// - Returns: The journal's new size in bytes.
  /// - Throws: `StorageError`.
  func append(_ entries: [ForwardEntry], toJournalIn partition: Folder) async throws(StorageError) -> Int {
    let journal = ForwardJournal(partition: partition, mode: fileMode)
    return try await journals.run { () throws(FileFailure) in try journal.append(entries) }
  }

  /// Returns once everything written to the catalog is on disk (I13).
  ///
  /// - Parameter state: The catalog's folder.
  /// - Throws: `StorageError`.
  func syncCatalog(in state: Folder) async throws(StorageError) {
    try await journals.run { () throws(FileFailure) in try state.sync(Catalog.logName) }
  }

  /// Returns once each of the threads has had a turn: one that hangs at a disk blocks it.
  func answer() async {
    for thread in [writing, barriers, names, journals] { await thread.answer() }
  }
}

/// Waits for disks, so that the store can answer others meanwhile.
private actor WaitingThread {
  private let thread: SerialThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(name: String) {
    thread = SerialThread(name: name)
  }

  private var answers = 0

  /// Returns once what was started before has ended.
  ///
  /// It counts, so that the switch to this thread is not optimised away.
  @inline(never)
  func answer() { answers &+= 1 }

  /// Runs `body` on this thread.
  ///
  /// - Throws: Its errors, converted to the store's.
  func run<Result: Sendable>(_ body: @Sendable () throws(FileFailure) -> Result) throws(StorageError) -> Result {
    try StorageError.wrappingFiles(body)
  }
}
