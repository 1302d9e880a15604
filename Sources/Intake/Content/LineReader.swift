internal import Events

/// The lines of a file, each an event; empty ones are passed over.
final class LineReader: SeveralReader {
  private let source: any ByteSource
  private var buffer: [UInt8] = []
  /// How many bytes at the beginning of the buffer are known to hold no line break.
  private var searched = 0
  private var isAtEnd = false
  private var isAtStart = true
  private var index = 0
  private static let chunk = 1 << 20
  /// A longer line is not read: the file as a whole fails then.
  static let limit = 64 << 20

  init(_ source: any ByteSource) {
    self.source = source
  }

  func next() throws(ContentError) -> (bytes: [UInt8], ranges: [Range<Int>], firstIndex: Int)? {
    while true {
      if isAtEnd, buffer.isEmpty { return nil }
      if !isAtEnd {
        do throws(ContentError) {
          isAtEnd = try source.append(to: &buffer, atMost: Self.chunk) == 0
        } catch {
          throw error.after(events: index)
        }
      }
      if isAtStart, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { buffer.removeFirst(3) }
      isAtStart = false
      let end = isAtEnd ? buffer.count : (buffer[searched...].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
      guard end > 0 || isAtEnd else {
        searched = buffer.count
        guard buffer.count <= Self.limit else { throw .drop(tooLong) }
        continue
      }
      let bytes = Array(buffer[..<end])
      buffer.removeFirst(end)
      searched = buffer.count
      let lines = Self.lines(in: bytes)
      guard !lines.isEmpty else { continue }
      defer { index += lines.count }
      return (bytes, lines, index + 1)
    }
  }

  private var tooLong: DropFailure {
    DropFailure(
      stage: .read, reason: .tooLarge,
      message:
        "the event on line \(index + 1), empty ones not counted, has more than \(Self.limit >> 20) MiB: more than is"
        + " read of one line. The events before it are stored; take it out, and put the rest back into the inbox")
  }

  private static func lines(in bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let isBlank = bytes[start..<end].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      if !isBlank { lines.append(start..<end) }
      start = end + 1
    }
    return lines
  }
}
