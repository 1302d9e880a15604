internal import CZlib
internal import Events

/// Decompresses gzip (RFC 1952), of one or more members; zeros after the last are padding.
final class GunzipSource: ByteSource {
  private enum Place {
    /// Where a member may begin.
    case betweenMembers
    case inMember
    /// After the last member, where only zeros may follow.
    case padding
    case end
  }

  private let source: any ByteSource
  private var stream = z_stream()
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var place = Place.betweenMembers
  private var hasMember = false
  /// How many bytes have been returned.
  private var unpacked = 0

  /// - Throws: `ContentError` if out of memory.
  init(_ source: any ByteSource) throws(ContentError) {
    self.source = source
    // A window of 15 bits, and 16 for gzip's frame: inflateInit2 of zlib.h, which is a macro.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Self.failure(Message(ContentMessage.noMemory))
    }
  }

  deinit {
    inflateEnd(&stream)
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int {
    guard let start = buffer.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    stream.next_out = start
    stream.avail_out = UInt32(clamping: buffer.count)
    let wanted = stream.avail_out
    while stream.avail_out == wanted {
      if case .end = place { return 0 }
      if stream.avail_in == 0 {
        let count = try source.read(into: input)
        guard count > 0 else {
          try finish()
          return 0
        }
        stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.avail_in = UInt32(count)
      }
      switch place {
      case .end: return 0
      case .padding: try skipZeros()
      case .betweenMembers where hasMember && stream.next_in.pointee == 0: place = .padding
      case .betweenMembers:
        try begin()
      case .inMember: try unpack()
      }
    }
    unpacked += Int(wanted - stream.avail_out)
    return Int(wanted - stream.avail_out)
  }

  private func begin() throws(ContentError) {
    // The first byte of a member is 1F; anything else after one does not belong to it.
    guard !hasMember || stream.next_in.pointee == 0x1F else { throw trailing }
    inflateReset(&stream)
    place = .inMember
  }

  private func unpack() throws(ContentError) {
    switch inflate(&stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END:
      hasMember = true
      place = .betweenMembers
    default:
      let why = stream.msg.map { String(cString: $0) } ?? "unknown"
      let isBeginning = unpacked == 0 && !hasMember && stream.total_out == 0
      throw Self.failure(
        isBeginning
          ? Message(ContentMessage.notGzip, ["why": .text(why)])
          : Message(ContentMessage.damagedGzip, ["bytes": .integer(unpacked), "why": .text(why)]))
    }
  }

  private func skipZeros() throws(ContentError) {
    while stream.avail_in > 0 {
      guard stream.next_in.pointee == 0 else { throw trailing }
      stream.next_in += 1
      stream.avail_in -= 1
    }
  }

  private func finish() throws(ContentError) {
    switch place {
    case .inMember:
      throw Self.failure(Message(ContentMessage.cutGzip, ["bytes": .integer(unpacked)]))
    case .betweenMembers where !hasMember:
      throw Self.failure(Message(ContentMessage.emptyGzip))
    default: place = .end
    }
  }

  private var trailing: ContentError {
    Self.failure(Message(ContentMessage.afterGzip, ["bytes": .integer(unpacked)]))
  }

  private static func failure(_ message: Message) -> ContentError {
    .drop(DropFailure(stage: .read, reason: .invalidGzip, message: message))
  }
}
