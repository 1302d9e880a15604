internal import DurableFiles
internal import Events
internal import Schedules
internal import SystemPackage

/// Reads claimed files: sees whether they are whole, and finds the events in them.
struct DropReader {
  private let options: InboxOptions
  private let clock: any WallClock
  private var events: EventReader

  /// - Parameters:
  ///   - options: The inbox.
  ///   - clock: What time it is.
  ///   - isOnRecord: See `EventReader`.
  init(_ options: InboxOptions, clock: any WallClock, isOnRecord: @escaping @Sendable (RecordClaim) -> Bool) {
    self.options = options
    self.clock = clock
    events = EventReader(mapping: options.mapping, isOnRecord: isOnRecord)
  }

  /// Opens and reads a claimed file.
  ///
  /// - Throws: `FileFailure` of the machine, not of the file.
  mutating func read(_ drop: inout ClaimedDrop) throws(FileFailure) -> DropContent {
    guard drop.status.isPlain, let file = try open(drop) else { return .unsettled }
    let status = try file.status()
    guard status.isPlain, status.hasSameContent(as: drop.status) else { return .unsettled }
    switch file.isOpenForWriting() {
    case true?: return .unsettled
    case false?: drop.isKnownClosed = true
    case nil:
      drop.isKnownClosed = false
      if options.mayStillGrow(Array(drop.name.bytes), status, at: clock.now()) { return .unsettled }
    }
    drop.status = status
    let format = DropFormat.of(fileName: drop.name.bytes)
    do throws(ContentError) {
      switch format.format {
      case .lines:
        let packed = FileSource(file)
        let source: any ByteSource = format.isCompressed ? try GunzipSource(packed) : packed
        return .several(LineReader(try converted(source)))
      case .document:
        guard format.isCompressed || status.size <= options.maxFileSize else { return .failed(tooLarge(status.size)) }
        return try document(file, of: drop, size: status.size, isCompressed: format.isCompressed)
      }
    } catch {
      switch error {
      case .files(let failure): throw failure
      case .drop(let failure): return .failed(failure)
      }
    }
  }

  /// The same, its failure as a value.
  mutating func attempt(_ drop: inout ClaimedDrop) -> Result<DropContent, FileFailure> {
    do throws(FileFailure) {
      return .success(try read(&drop))
    } catch {
      return .failure(error)
    }
  }

  /// Opens a claimed file; nil where its name does not lead to one any more, but to a link or a socket.
  private func open(_ drop: ClaimedDrop) throws(FileFailure) -> OpenFile? {
    do {
      return try drop.folder.open(drop.name)
    } catch  where error.errno == .tooManySymbolicLinkLevels || error.errno == .noSuchAddressOrDevice {
      return nil
    }
  }

  /// How much of a file is read as a whole; of an array that is larger, one part after the other.
  private var wholeLimit: Int { max(16 << 20, 2 * options.mapping.maxEventSize) }

  private func tooLarge(_ size: Int) -> DropFailure {
    DropFailure(
      stage: .read, reason: .tooLarge,
      message:
        "the file has \(size) bytes or more, which is more than maxFileSize allows (\(options.maxFileSize)). Raise it, or drop"
        + " the events as a .jsonl file, which has no limit")
  }

  private func converted(_ source: any ByteSource) throws(ContentError) -> any ByteSource {
    options.charset.isUTF8 ? source : try TranscodingSource(source, from: options.charset)
  }

  /// Reads a file that holds one event or an array of events.
  private mutating func document(
    _ file: consuming OpenFile, of drop: ClaimedDrop, size: Int, isCompressed: Bool
  ) throws(ContentError) -> DropContent {
    var bytes: [UInt8]
    // What is behind these bytes, where there may be more.
    let rest: (any ByteSource)?
    if isCompressed {
      let unpacked = try GunzipSource(FileSource(file))
      bytes = try unpacked.readAll(limit: wholeLimit)
      rest = unpacked
    } else {
      do {
        bytes = try file.readAll(expecting: size, limit: min(options.maxFileSize, wholeLimit))
      } catch {
        throw .files(error)
      }
      if bytes.count > options.maxFileSize { return .failed(tooLarge(bytes.count)) }
      rest = bytes.count > wholeLimit ? FileSource(file) : nil
    }
    if let rest, bytes.count > wholeLimit {
      return try .several(ArrayReader(converted(JoinedSource(BytesSource(bytes), rest))))
    }
    // A record is a valid drop wherever it is put, and is in UTF-8.
    if !options.charset.isUTF8, !events.isRecord(bytes) {
      bytes = try converted(BytesSource(bytes)).readAll(limit: 4 * wholeLimit)
    }
    do {
      return .items(try events.events(inDocument: bytes, named: drop.original), of: bytes)
    } catch {
      return .failed(error)
    }
  }

  /// Reads one event of a file of several; see `EventReader`.
  mutating func item(in bytes: [UInt8], _ range: Range<Int>, named name: DropName, index: Int) -> DroppedItem {
    events.item(in: bytes, range, named: name, index: index)
  }
}
