internal import CZlib
internal import Events

/// Unpacks what was packed with gzip (RFC 1952), of one member or several.
final class GunzipSource: ByteSource {
  private let source: any ByteSource
  private var stream = z_stream()
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var isAtEnd = false
  /// Whether a member has begun and not ended.
  private var isInMember = false
  private var hasMember = false

  /// - Throws: `ContentError` where there is no memory.
  init(_ source: any ByteSource) throws(ContentError) {
    self.source = source
    // 15 bits of window, and 16 for gzip's frame: inflateInit2 of zlib.h, which is a macro.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Self.failure("there is not enough memory to unpack it")
    }
  }

  deinit {
    inflateEnd(&stream)
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int {
    guard let start = buffer.bindMemory(to: UInt8.self).baseAddress, !isAtEnd else { return 0 }
    stream.next_out = start
    stream.avail_out = UInt32(clamping: buffer.count)
    let wanted = stream.avail_out
    while stream.avail_out == wanted {
      if stream.avail_in == 0 {
        let count = try source.read(into: input)
        if count == 0 {
          guard !isInMember else { throw Self.failure("it ends in the middle; perhaps its upload was broken off") }
          guard hasMember else { throw Self.failure("it is empty; perhaps its upload was broken off") }
          isAtEnd = true
          return 0
        }
        stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.avail_in = UInt32(count)
      }
      if !isInMember {
        inflateReset(&stream)
        isInMember = true
        hasMember = true
      }
      switch inflate(&stream, Z_NO_FLUSH) {
      case Z_OK, Z_BUF_ERROR: continue
      case Z_STREAM_END: isInMember = false
      default:
        throw Self.failure(stream.msg.map { String(cString: $0) } ?? "it is damaged")
      }
    }
    return Int(wanted - stream.avail_out)
  }

  private static func failure(_ why: String) -> ContentError {
    .drop(
      DropFailure(
        stage: .read, reason: .invalidGzip, message: "the file is not packed with gzip as its name says: \(why)"))
  }
}
