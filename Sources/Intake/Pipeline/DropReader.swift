internal import DurableFiles
internal import Events
internal import SystemPackage
internal import Time

/// Reads claimed files: checks whether they are complete, and finds the events in them.
struct DropReader {
  private let options: InboxOptions
  private let clock: any WallClock
  private let isStopping: @Sendable () -> Bool
  private var events: EventReader
  /// In bytes: what can be read before anybody notices.
  private static let sizeReadAtOnce = 1 << 20

  /// - Parameters:
  ///   - options: The inbox.
  ///   - clock: The clock.
  ///   - isOnRecord: See `EventReader`.
  ///   - isStopping: Called for each part that is read.
  init(
    _ options: InboxOptions, clock: any WallClock, isOnRecord: @escaping @Sendable (RecordClaim) -> Bool,
    until isStopping: @escaping @Sendable () -> Bool
  ) {
    self.options = options
    self.clock = clock
    self.isStopping = isStopping
    events = EventReader(mapping: options.mapping, isOnRecord: isOnRecord)
  }

  /// Opens and reads a claimed file.
  ///
  /// - Throws: `FileFailure`.
  mutating func read(_ drop: inout ClaimedDrop) throws(FileFailure) -> DropContent {
    guard drop.status.isPlain else { return .unsettled(.replaced) }
    let file: OpenFile
    do {
      guard let opened = try drop.folder.open(drop.claimedAs) else { return .unsettled(.vanished) }
      file = opened
    } catch  where error.errno == .tooManySymbolicLinkLevels || error.errno == .noSuchAddressOrDevice {
      // Its name no longer leads to a file, but to a link or a socket; or it is a file system error.
      guard try drop.folder.status(of: drop.claimedAs)?.isPlain != true else { throw error }
      return .unsettled(.replaced)
    }
    let status = try file.status()
    let isOfThisMachineAlone = drop.folder.isOfThisMachineAlone
    guard status.isPlain, status.hasSameContent(as: drop.status, hasFixedInodes: isOfThisMachineAlone) else {
      return .unsettled(.replaced)
    }
    // A marker says that it is complete.
    drop.isQuiet = options.marker != nil || clock.uptime() - drop.quietSince >= InboxOptions.quietTime
    let format = DropFormat.of(fileName: drop.name.bytes)
    let isReadAtOnce = format.format == .document && status.size <= Self.sizeReadAtOnce
    // A lease, or its refusal, concerns this machine alone.
    switch isOfThisMachineAlone ? file.isOpenForWriting(isReadAtOnce: isReadAtOnce) : nil {
    case true?: return .unsettled(.open)
    case false?: drop.isKnownClosed = true
    case nil:
      drop.isKnownClosed = false
      if options.needsQuiet(Array(drop.name.bytes)), !drop.isQuiet { return .unsettled(.perhapsWritten) }
    }
    drop.status = status
    do throws(ContentError) {
      let packed = FileSource(file, until: isStopping)
      switch format.format {
      case .lines:
        let source: any ByteSource = format.isCompressed ? try GunzipSource(packed) : packed
        let (start, all) = try source.peek(ContentGuess.length)
        if let guess = ContentGuess.certain(start[...], options.charset, isUnpacked: format.isCompressed) {
          return .failed(unreadable(guess))
        }
        return .several(
          LineReader(
            try converted(all, isLines: true), limit: partLimit, until: isStopping))
      case .document:
        guard format.isCompressed || status.size <= options.maxFileSize else { return .failed(tooLarge(status.size)) }
        return try document(packed, of: drop, size: status.size, isCompressed: format.isCompressed)
      }
    } catch {
      switch error {
      case .files(let failure): throw failure
      case .drop(let failure):
        guard failure.reason == .invalidGzip, format.isCompressed else { return .failed(failure) }
        return .failed(try namingUnpacked(failure, drop))
      case .stopped: return .stopped
      }
    }
  }

  /// What a file is that should be compressed but is not.
  private func namingUnpacked(_ failure: DropFailure, _ drop: ClaimedDrop) throws(FileFailure) -> DropFailure {
    guard let file = try drop.folder.open(drop.claimedAs) else { return failure }
    let bytes = (try? FileSource(file, until: isStopping).readAll(expecting: 0, limit: ContentGuess.length - 1)) ?? []
    guard !bytes.starts(with: [0x1F, 0x8B]), !bytes.isEmpty else { return failure }
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      return failure.naming(Message(ContentMessage.unpackedJSON))
    }
    return failure.naming(ContentGuess.probable(bytes[...], options.charset, isUnpacked: false))
  }

  private func unreadable(_ guess: Message) -> DropFailure {
    DropFailure(stage: .read, reason: .invalidCharset, message: guess)
  }

  /// The same, with failures as values.
  mutating func attempt(_ drop: inout ClaimedDrop) -> Result<DropContent, FileFailure> {
    do throws(FileFailure) {
      return .success(try read(&drop))
    } catch {
      return .failure(error)
    }
  }

  /// How much of a file is read as a whole; a larger array is read one part at a time.
  private var wholeLimit: Int { max(16 << 20, 2 * options.mapping.maxEventSize) }

  /// How large one event of several may be.
  private var partLimit: Int { SeveralPart.limit(of: options.mapping) }

  private func tooLarge(_ size: Int) -> DropFailure {
    DropFailure(
      stage: .read, reason: .tooLarge,
      message: Message(ContentMessage.tooLarge, ["bytes": .integer(size), "limit": .integer(options.maxFileSize)]))
  }

  private func converted(_ source: any ByteSource, isLines: Bool = false) throws(ContentError) -> any ByteSource {
    options.charset.isUTF8 ? source : try TranscodingSource(source, from: options.charset, isLines: isLines)
  }

  /// Reads a file with one event or an array of events.
  private mutating func document(
    _ file: any ByteSource, of drop: ClaimedDrop, size: Int, isCompressed: Bool
  ) throws(ContentError) -> DropContent {
    let source: any ByteSource = isCompressed ? try GunzipSource(file) : file
    guard options.charset.isUTF8 else {
      return try convertedDocument(source, of: drop, size: size, isCompressed: isCompressed)
    }
    let limit = isCompressed ? wholeLimit : min(options.maxFileSize, wholeLimit)
    let bytes = try source.readAll(expecting: isCompressed ? 0 : size, limit: limit)
    if !isCompressed, bytes.count > options.maxFileSize { return .failed(tooLarge(bytes.count)) }
    if bytes.count > wholeLimit {
      return try .several(
        ArrayReader(
          converted(JoinedSource(BytesSource(bytes), source)), limit: partLimit,
          until: isStopping))
    }
    return content(of: bytes, drop, start: bytes.prefix(ContentGuess.length), isCompressed: isCompressed)
  }

  /// The same for a charset other than UTF-8: converted part by part, because the text can have several times the bytes
  /// of the file.
  private mutating func convertedDocument(
    _ source: any ByteSource, of drop: ClaimedDrop, size: Int, isCompressed: Bool
  ) throws(ContentError) -> DropContent {
    // A record is a valid drop in any inbox, and is in UTF-8; it has no more bytes than these.
    let limit = partLimit
    let beginning = try source.readAll(expecting: isCompressed ? 0 : min(size, limit), limit: limit)
    let start = beginning.prefix(ContentGuess.length)
    if beginning.count <= limit, events.isRecord(beginning) {
      return content(of: beginning, drop, start: start, isCompressed: isCompressed)
    }
    let text = try converted(
      beginning.count <= limit ? BytesSource(beginning) : JoinedSource(BytesSource(beginning), source))
    let bytes: [UInt8]
    do throws(ContentError) {
      bytes = try text.readAll(expecting: 0, limit: limit)
    } catch {
      guard case .drop(let failure) = error else { throw error }
      return .failed(named(failure, beginning, start: start, isCompressed: isCompressed))
    }
    guard bytes.count <= limit else {
      return .several(ArrayReader(JoinedSource(BytesSource(bytes), text), limit: limit, until: isStopping))
    }
    return content(of: bytes, drop, start: start, isCompressed: isCompressed)
  }

  /// A failure, with what the file seems to be by its first bytes.
  private func named(
    _ failure: DropFailure, _ bytes: [UInt8], start: ArraySlice<UInt8>, isCompressed: Bool
  ) -> DropFailure {
    guard [.invalidJSON, .invalidCharset, .notAnObject].contains(failure.reason) else { return failure }
    return failure.naming(
      ContentGuess.probable(start, options.charset, isUnpacked: isCompressed) ?? Self.linesGuess(bytes, failure))
  }

  /// The content of a text that is complete in memory, in UTF-8.
  private mutating func content(
    of bytes: [UInt8], _ drop: ClaimedDrop, start: ArraySlice<UInt8>, isCompressed: Bool
  ) -> DropContent {
    do {
      switch try events.content(ofDocument: bytes, named: drop.original) {
      case .event(let event):
        // Its padding is not kept until it is stored.
        guard bytes.count > 1 << 16, bytes.count > 2 * event.source.bytes,
          case let own = Array(event.ownBytes),
          case .event(let again) = try events.content(ofDocument: own, named: drop.original)
        else { return .event(.event(event), of: bytes) }
        return .event(.event(again), of: own)
      // Complete, as required before it is split; its elements are searched for again, a part at a time.
      case .array:
        return .several(ArrayReader(BytesSource(bytes), limit: partLimit, until: isStopping))
      }
    } catch {
      return .failed(named(error, bytes, start: start, isCompressed: isCompressed))
    }
  }

  /// Whether a file that is not JSON has one event per line, for which another ending is used.
  private static func linesGuess(_ bytes: [UInt8], _ failure: DropFailure) -> Message? {
    guard failure.reason == .invalidJSON, let place = failure.place, place.line > 1,
      bytes.indices.contains(place.offset), bytes[place.offset] == UInt8(ascii: "{"),
      bytes.first == UInt8(ascii: "{"), bytes[..<place.offset].last == 0x0A
    else { return nil }
    return Message(ContentMessage.lines)
  }

  /// Reads one event of a file of several; see `EventReader`.
  mutating func item(in bytes: [UInt8], _ range: Range<Int>, named name: DropName, index: Int) -> DroppedItem {
    let item = events.item(in: bytes, range, named: name, index: index)
    guard case .failed(var failed) = item, failed.failure.reason == .invalidJSON, options.charset.isUTF8,
      !ContentGuess.isUTF8(bytes[range])
    else { return item }
    failed.failure.message = Message(ContentMessage.lineNotUTF8, ["why": .message(failed.failure.message)])
    return .failed(failed)
  }
}
