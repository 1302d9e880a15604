internal import DurableFiles
internal import Events

/// Where a drop's bytes come from, one part after another, after decompression and conversion.
protocol ByteSource: AnyObject {
  /// Reads what follows, at most what the buffer holds; 0 at the end.
  ///
  /// - Throws: `ContentError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int

  /// Skips a hole, if one comes next: its size is a number that costs its sender nothing, so it should cost nothing
  /// here.
  ///
  /// - Returns: Its length in bytes, all of them zero.
  func skipHole() -> Int
}

extension ByteSource {
  func skipHole() -> Int { 0 }
}

/// Why a drop's bytes cannot be read.
enum ContentError: Error {
  /// A failure of the machine.
  case files(FileFailure)
  /// A failure of the file.
  case drop(DropFailure)
  /// Reading was stopped; nothing is wrong.
  case stopped
}

/// A file's own bytes.
final class FileSource: ByteSource {
  private let file: OpenFile
  private let isStopping: @Sendable () -> Bool

  /// - Parameters:
  ///   - file: The file, at its beginning.
  ///   - isStopping: Called before each read: all reads of a file come through here.
  init(_ file: consuming OpenFile, until isStopping: @escaping @Sendable () -> Bool) {
    self.file = file
    self.isStopping = isStopping
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int {
    guard !isStopping() else { throw .stopped }
    do {
      return try file.read(into: buffer)
    } catch {
      throw .files(error)
    }
  }

  func skipHole() -> Int { file.skipHole() }
}

/// Bytes that are in memory already.
final class BytesSource: ByteSource {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int {
    let part = rest.prefix(buffer.count)
    buffer.copyBytes(from: part)
    rest = rest.dropFirst(part.count)
    return part.count
  }
}

/// One source, followed by another.
final class JoinedSource: ByteSource {
  private let first: any ByteSource
  private let second: any ByteSource
  private var isFirstDone = false

  init(_ first: any ByteSource, _ second: any ByteSource) {
    self.first = first
    self.second = second
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int {
    if !isFirstDone {
      let count = try first.read(into: buffer)
      guard count == 0 else { return count }
      isFirstDone = true
    }
    return try second.read(into: buffer)
  }

  func skipHole() -> Int { isFirstDone ? second.skipHole() : 0 }
}

/// Only a failure, found ahead of its turn.
final class FailedSource: ByteSource {
  private let failure: ContentError

  init(_ failure: ContentError) {
    self.failure = failure
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int { throw failure }
}

extension ByteSource {
  /// Reads the beginning of a file.
  ///
  /// - Parameter limit: The largest number of bytes to read.
  /// - Returns: The bytes, and a source of all bytes, including these.
  /// - Throws: `ContentError` if there are none; a failure after them is reported in its turn.
  func peek(_ limit: Int) throws(ContentError) -> (bytes: [UInt8], all: any ByteSource) {
    var bytes: [UInt8] = []
    do throws(ContentError) {
      while bytes.count < limit {
        guard try append(to: &bytes, atMost: limit - bytes.count) > 0 else { break }
      }
    } catch {
      guard !bytes.isEmpty else { throw error }
      return (bytes, JoinedSource(BytesSource(bytes), FailedSource(error)))
    }
    return (bytes, JoinedSource(BytesSource(bytes), self))
  }

  /// Reads up to the end.
  ///
  /// - Parameters:
  ///   - size: The expected number of bytes.
  ///   - limit: How many bytes to read before giving up; if there are more, the result exceeds the limit.
  /// - Returns: The bytes.
  /// - Throws: `ContentError`.
  func readAll(expecting size: Int, limit: Int) throws(ContentError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size > 0 ? min(size, limit) + 1 : 1 << 12)
    while bytes.count <= limit {
      // One byte more than expected, so that the end is seen.
      let room = bytes.count < size ? size - bytes.count + 1 : 1 << 12
      let asked = min(max(room, min(bytes.count, 1 << 18)), limit + 1 - bytes.count)
      let count = try append(to: &bytes, atMost: asked)
      // As many as expected, with room for more: that is the end.
      if count == 0 || bytes.count == size && count < asked { break }
    }
    return bytes
  }

  /// Reads what follows and appends it.
  ///
  /// - Returns: The number of bytes; 0 at the end.
  func append(to bytes: inout [UInt8], atMost count: Int) throws(ContentError) -> Int {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    var read = 0
    var failure: ContentError?
    bytes.withUnsafeMutableBytes { whole in
      do throws(ContentError) {
        read = try self.read(into: UnsafeMutableRawBufferPointer(rebasing: whole[start...]))
      } catch {
        failure = error
      }
    }
    bytes.removeLast(count - read)
    if let failure { throw failure }
    return read
  }
}
