internal import DurableFiles
internal import Events
internal import Schedules
internal import SystemPackage

/// Reads claimed files: sees whether they are whole, and finds the events in them.
struct DropReader {
  private let options: InboxOptions
  private let clock: any WallClock
  private var events: EventReader

  init(_ options: InboxOptions, clock: any WallClock) {
    self.options = options
    self.clock = clock
    events = EventReader(mapping: options.mapping)
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
      if options.mayStillGrow(drop.original.bytes, status, at: clock.now()) { return .unsettled }
    }
    drop.status = status
    let format = DropFormat.of(fileName: drop.original.bytes)
    do throws(ContentError) {
      switch format.format {
      case .lines:
        let packed = FileSource(file)
        let source: any ByteSource = format.isCompressed ? try GunzipSource(packed) : packed
        let (start, all) = try source.peek(ContentGuess.length)
        if let guess = ContentGuess.certain(start[...], options.charset, isUnpacked: format.isCompressed) {
          return .failed(unreadable(guess))
        }
        return .several(LineReader(try converted(all, isLines: true)))
      case .document:
        guard format.isCompressed || status.size <= options.maxFileSize else { return .failed(tooLarge(status.size)) }
        return try document(file, of: drop, size: status.size, isCompressed: format.isCompressed)
      }
    } catch {
      switch error {
      case .files(let failure): throw failure
      case .drop(let failure):
        guard failure.reason == .invalidGzip, format.isCompressed else { return .failed(failure) }
        return .failed(try namingUnpacked(failure, drop))
      }
    }
  }

  /// What a file is that was to be packed, and is not.
  private func namingUnpacked(_ failure: DropFailure, _ drop: ClaimedDrop) throws(FileFailure) -> DropFailure {
    guard let file = try open(drop) else { return failure }
    let bytes = (try? FileSource(file).readAll(limit: ContentGuess.length - 1)) ?? []
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

  private func converted(_ source: any ByteSource, isLines: Bool = false) throws(ContentError) -> any ByteSource {
    options.charset.isUTF8 ? source : try TranscodingSource(source, from: options.charset, isLines: isLines)
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
        bytes = try converted(BytesSource(bytes)).readAll(limit: 4 * wholeLimit)
      } catch {
        guard case .drop(let failure) = error else { throw error }
        return .failed(named(failure))
      }
    }
    do {
      return .items(try events.events(inDocument: bytes, named: drop.original), of: bytes)
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
