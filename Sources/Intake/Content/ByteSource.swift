internal import DurableFiles
internal import Events

/// Where a drop's bytes come from, one part after the other, as they are after unpacking and conversion.
protocol ByteSource: AnyObject {
  /// Reads what follows, at most as much as the buffer holds; 0 at the end.
  ///
  /// - Throws: `ContentError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int

  /// Goes over a hole, if one comes next: its size is a number that costs its sender nothing, so it should cost nothing here.
  ///
  /// - Returns: How many bytes it has, all of them zero.
  func skipHole() -> Int
}

extension ByteSource {
  func skipHole() -> Int { 0 }
}

/// Why a drop's bytes cannot be had.
enum ContentError: Error {
  /// Of the machine.
  case files(FileFailure)
  /// Of the file.
  case drop(DropFailure)
  /// The reading is told to stop; nothing is wrong.
  case stopped
}

/// A file's own bytes.
final class FileSource: ByteSource {
  private let file: OpenFile
  private let isStopping: @Sendable () -> Bool

  /// - Parameters:
  ///   - file: The file, at its beginning.
  ///   - isStopping: Asked before each read: whatever is read of a file, this is where it comes from.
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

/// One source, and then another.
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

/// Nothing but a failure, where one was met ahead of its turn.
final class FailedSource: ByteSource {
  private let failure: ContentError

  init(_ failure: ContentError) {
    self.failure = failure
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ContentError) -> Int { throw failure }
}

extension ByteSource {
  /// Reads what a file begins with.
  ///
  /// - Parameter limit: How many bytes, at most.
  /// - Returns: The bytes, and a source of all, with these in it again.
  /// - Throws: `ContentError` where there are none; a failure behind them has its turn later.
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
  ///   - size: How many bytes there will probably be.
  ///   - limit: How many bytes to read before giving up; the result has more than that where there are more.
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
      // As many as there were, and there was room for more: that is the end.
      if count == 0 || bytes.count == size && count < asked { break }
    }
    return bytes
  }

  /// Reads what follows and puts it behind what is there.
  ///
  /// - Returns: How many bytes; 0 at the end.
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
