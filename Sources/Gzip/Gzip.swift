internal import CZlib

/// Compresses and decompresses bytes in memory, in the format of RFC 1952.
package enum Gzip {
  /// Compresses bytes, for speed rather than size.
  ///
  /// - Parameter bytes: What to compress.
  /// - Returns: The compressed bytes; nil if zlib is out of memory.
  package static func packed(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    // deflateInit2 of zlib.h, which is a macro: a window of 15 bits, 16 for gzip's frame, zlib's default memory level.
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

  /// How compressed bytes are framed.
  package enum Frame: Int32, Sendable {
    /// RFC 1952.
    case gzip = 31
    /// RFC 1950.
    case zlib = 15
    /// RFC 1951, without a frame.
    case bare = -15
  }

  /// Decompresses as much as possible of bytes that may have been cut off.
  ///
  /// - Parameters:
  ///   - bytes: The compressed bytes, or their beginning.
  ///   - frame: How it is framed.
  ///   - limit: How many decompressed bytes to keep.
  /// - Returns: These bytes, whether they are all, and whether the compressed data ended properly; nil if it is damaged
  ///   or not in this format.
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
        // Several compressed files may follow each other (RFC 1952, section 2.2).
        while code == Z_STREAM_END, frame == .gzip, stream.avail_in > 0, stream.avail_out > 0 {
          guard inflateReset(&stream) == Z_OK else { break }
          code = inflate(&stream, Z_SYNC_FLUSH)
        }
      }
      count = max(limit, 0) - Int(stream.avail_out)
    }
    switch code {
    case Z_STREAM_END: return (output, stream.avail_in == 0, true)
    // Z_BUF_ERROR: no room or no bytes left to go on.
    case Z_OK, Z_BUF_ERROR: return (output, stream.avail_out > 0, false)
    default: return nil
    }
  }

  /// Decompresses bytes.
  ///
  /// - Parameters:
  ///   - bytes: The compressed bytes.
  ///   - limit: How many decompressed bytes are allowed.
  /// - Returns: The bytes; nil if there are more, or the input is damaged.
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
