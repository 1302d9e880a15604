internal import CZlib

/// Packs and unpacks what is in memory, in the format of RFC 1952.
package enum Gzip {
  /// Packs bytes, fast rather than small.
  ///
  /// - Parameter bytes: What to pack.
  /// - Returns: The packed bytes; nil where zlib has no memory for it.
  package static func packed(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    // deflateInit2 of zlib.h, which is a macro: 15 bits of window, 16 for gzip's frame, its default memory.
    guard
      deflateInit2_(
        &stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    var input = bytes
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    var code = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(clamping: bound)
        code = deflate(&stream, Z_FINISH)
      }
      count = bound - Int(stream.avail_out)
    }
    return code == Z_STREAM_END ? output : nil
  }

  /// How packed bytes are framed.
  package enum Frame: Int32, Sendable {
    /// RFC 1952.
    case gzip = 31
    /// RFC 1950.
    case zlib = 15
    /// RFC 1951, without any frame.
    case bare = -15
  }

  /// Unpacks as much as there is, of bytes that may have been cut.
  ///
  /// - Parameters:
  ///   - bytes: What was packed, or its beginning.
  ///   - frame: How it is framed.
  ///   - limit: How many bytes of what comes of it are kept.
  /// - Returns: They, whether that is all, and whether what was packed ended in order; nil where it is damaged, or no such
  ///   format.
  package static func beginning(
    of bytes: [UInt8], frame: Frame, limit: Int
  ) -> (bytes: [UInt8], isAll: Bool, hasEnd: Bool)? {
    var stream = z_stream()
    guard inflateInit2_(&stream, frame.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    var code = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: max(limit, 1)) { buffer, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(clamping: limit)
        code = inflate(&stream, Z_SYNC_FLUSH)
        // One packed file may follow another (RFC 1952, section 2.2).
        while code == Z_STREAM_END, frame == .gzip, stream.avail_in > 0, stream.avail_out > 0 {
          guard inflateReset(&stream) == Z_OK else { break }
          code = inflate(&stream, Z_SYNC_FLUSH)
        }
      }
      count = max(limit, 0) - Int(stream.avail_out)
    }
    switch code {
    case Z_STREAM_END: return (output, stream.avail_in == 0, true)
    // Z_BUF_ERROR: it could not go on, for want of room or of bytes.
    case Z_OK, Z_BUF_ERROR: return (output, stream.avail_out > 0, false)
    default: return nil
    }
  }

  /// Unpacks bytes.
  ///
  /// - Parameters:
  ///   - bytes: What was packed.
  ///   - limit: How many bytes may come of it.
  /// - Returns: They; nil where they are more, or it is damaged.
  package static func unpacked(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var input = bytes
    var code = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(clamping: limit)
        code = inflate(&stream, Z_FINISH)
      }
      count = limit - Int(stream.avail_out)
    }
    return code == Z_STREAM_END ? output : nil
  }
}
