internal import DurableFiles
internal import Events
internal import Schedules
internal import SystemPackage

/// Reads claimed files: sees whether they are whole, and finds the events in them.
struct DropReader {
  private let options: InboxOptions
  private let clock: any WallClock
  private let isStopping: @Sendable () -> Bool
  private var events: EventReader

  /// - Parameters:
  ///   - options: The inbox.
  ///   - clock: What time it is.
  ///   - isOnRecord: See `EventReader`.
  ///   - isStopping: Asked for each part that is read.
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
      // Its name does not lead to a file any more, but to a link or a socket.
      return .unsettled(.replaced)
    }
    let status = try file.status()
    let isOfThisMachineAlone = drop.folder.isOfThisMachineAlone
    guard status.isPlain, status.hasSameContent(as: drop.status, hasFixedInodes: isOfThisMachineAlone) else {
      return .unsettled(.replaced)
    }
    // A marker says that it is complete.
    drop.isQuiet = options.marker != nil || clock.uptime() - drop.quietSince >= InboxOptions.quietTime
    // A lease, or its refusal, tells of this machine alone.
    switch isOfThisMachineAlone ? file.isOpenForWriting() : nil {
    case true?: return .unsettled(.open)
    case false?: drop.isKnownClosed = true
    case nil:
      drop.isKnownClosed = false
      if options.needsQuiet(Array(drop.name.bytes)), !drop.isQuiet { return .unsettled(.perhapsWritten) }
    }
    drop.status = status
    let format = DropFormat.of(fileName: drop.name.bytes)
    do throws(ContentError) {
      let packed = FileSource(file, until: isStopping)
      switch format.format {
      case .lines:
        let source: any ByteSource = format.isCompressed ? try GunzipSource(packed) : packed
        let (start, all) = try source.peek(ContentGuess.length)
        if let guess = ContentGuess.certain(start[...], options.charset, isUnpacked: format.isCompressed) {
          return .failed(unreadable(guess))
        }
        return .several(LineReader(try converted(all, isLines: true), until: isStopping))
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

  /// What a file is that was to be packed, and is not.
  private func namingUnpacked(_ failure: DropFailure, _ drop: ClaimedDrop) throws(FileFailure) -> DropFailure {
    guard let file = try drop.folder.open(drop.claimedAs) else { return failure }
    let bytes = (try? FileSource(file, until: isStopping).readAll(expecting: 0, limit: ContentGuess.length - 1)) ?? []
    guard !bytes.starts(with: [0x1F, 0x8B]), !bytes.isEmpty else { return failure }
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      return failure.naming("is JSON that is not packed; take the .gz off its name")
    }
    return failure.naming(ContentGuess.probable(bytes[...], options.charset, isUnpacked: false))
  }

  private func unreadable(_ guess: String) -> DropFailure {
    DropFailure(stage: .read, reason: .invalidCharset, message: "the file \(guess)")
  }

  /// The same, its failure as a value.
  mutating func attempt(_ drop: inout ClaimedDrop) -> Result<DropContent, FileFailure> {
    do throws(FileFailure) {
      return .success(try read(&drop))
    } catch {
      return .failure(error)
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

  private func converted(_ source: any ByteSource, isLines: Bool = false) throws(ContentError) -> any ByteSource {
    options.charset.isUTF8 ? source : try TranscodingSource(source, from: options.charset, isLines: isLines)
  }

  /// Reads a file that holds one event or an array of events.
  private mutating func document(
    _ file: any ByteSource, of drop: ClaimedDrop, size: Int, isCompressed: Bool
  ) throws(ContentError) -> DropContent {
    let source: any ByteSource = isCompressed ? try GunzipSource(file) : file
    let limit = isCompressed ? wholeLimit : min(options.maxFileSize, wholeLimit)
    var bytes = try source.readAll(expecting: isCompressed ? 0 : size, limit: limit)
    if !isCompressed, bytes.count > options.maxFileSize { return .failed(tooLarge(bytes.count)) }
    if bytes.count > wholeLimit {
      return try .several(
        ArrayReader(converted(JoinedSource(BytesSource(bytes), source)), until: isStopping))
    }
    let start = Array(bytes.prefix(ContentGuess.length))
    func named(_ failure: DropFailure) -> DropFailure {
      guard [.invalidJSON, .invalidCharset, .notAnObject].contains(failure.reason) else { return failure }
      return failure.naming(
        ContentGuess.probable(start[...], options.charset, isUnpacked: isCompressed)
          ?? Self.linesGuess(bytes, failure))
    }
    // A record is a valid drop wherever it is put, and is in UTF-8.
    if !options.charset.isUTF8, !events.isRecord(bytes) {
      do throws(ContentError) {
        bytes = try converted(BytesSource(bytes)).readAll(expecting: 0, limit: 4 * wholeLimit)
      } catch {
        guard case .drop(let failure) = error else { throw error }
        return .failed(named(failure))
      }
    }
    do {
      switch try events.content(ofDocument: bytes, named: drop.original) {
      case .event(let event):
        // What pads it is not kept until it is stored.
        guard bytes.count > 1 << 16, bytes.count > 2 * event.source.bytes,
          case let own = Array(event.ownBytes),
          case .event(let again) = try events.content(ofDocument: own, named: drop.original)
        else { return .event(.event(event), of: bytes) }
        return .event(.event(again), of: own)
      // Whole, as it should be before it is taken apart; its elements are looked for once more, a part at a time.
      case .array: return .several(ArrayReader(BytesSource(bytes), until: isStopping))
      }
    } catch {
      return .failed(named(error))
    }
  }

  /// Whether a file that is no JSON has an event a line, whose names end otherwise.
  private static func linesGuess(_ bytes: [UInt8], _ failure: DropFailure) -> String? {
    guard failure.reason == .invalidJSON, let place = failure.place, place.line > 1,
      bytes.indices.contains(place.offset), bytes[place.offset] == UInt8(ascii: "{"),
      bytes.first == UInt8(ascii: "{"), bytes[..<place.offset].last == 0x0A
    else { return nil }
    return "has one event a line; give its name the ending .jsonl"
  }

  /// Reads one event of a file of several; see `EventReader`.
  mutating func item(in bytes: [UInt8], _ range: Range<Int>, named name: DropName, index: Int) -> DroppedItem {
    let item = events.item(in: bytes, range, named: name, index: index)
    guard case .failed(var failed) = item, failed.failure.reason == .invalidJSON, options.charset.isUTF8,
      !ContentGuess.isUTF8(bytes[range])
    else { return item }
    failed.failure.message +=
      ". The line is not in UTF-8; if it was written on Windows, set charset: windows-1252 for this inbox"
    return .failed(failed)
  }
}
