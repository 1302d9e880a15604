internal import Events

/// The lines of a file, each an event; empty ones are skipped.
final class LineReader: SeveralReader {
  private let source: any ByteSource
  private let isStopping: @Sendable () -> Bool
  private var buffer: [UInt8] = []
  /// How many bytes at the beginning of the buffer are known to contain no line break.
  private var searched = 0
  private var isAtEnd = false
  private var isAtStart = true
  private var index = 0
  /// How many bytes of an oversized line were skipped; nil outside of such a line.
  private var skipped: Int?
  private let limit: Int
  private static let chunk = 1 << 20

  /// - Parameters:
  ///   - source: The file's bytes.
  ///   - limit: How much of a line is kept in memory; a longer one is skipped.
  ///   - isStopping: Called for each part.
  init(_ source: any ByteSource, limit: Int = SeveralPart.leastLimit, until isStopping: @escaping @Sendable () -> Bool)
  {
    self.source = source
    self.limit = limit
    self.isStopping = isStopping
  }

  func next() throws(ContentError) -> SeveralPart? {
    while true {
      guard !isStopping() else { throw .stopped }
      if isAtEnd, buffer.isEmpty { return endOfSkipped() }
      if let skipped, buffer.isEmpty { self.skipped = skipped + source.skipHole() }
      if !isAtEnd {
        do throws(ContentError) {
          isAtEnd = try source.append(to: &buffer, atMost: Self.chunk) == 0
        } catch {
          throw error.after(events: index)
        }
      }
      if isAtStart, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { buffer.removeFirst(3) }
      isAtStart = false
      if let skipped {
        let end = buffer.firstIndex(of: 0x0A)
        self.skipped = skipped + (end ?? buffer.count)
        buffer.removeFirst(end.map { $0 + 1 } ?? buffer.count)
        guard end != nil || isAtEnd else { continue }
        return endOfSkipped()
      }
      let end = isAtEnd ? buffer.count : (buffer[searched...].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
      guard end > 0 || isAtEnd else {
        searched = buffer.count
        guard buffer.count > limit else { continue }
        skipped = buffer.count
        buffer = []
        searched = 0
        continue
      }
      let bytes = Array(buffer[..<end])
      buffer.removeFirst(end)
      searched = buffer.count
      let lines = Self.lines(in: bytes)
      guard !lines.isEmpty else { continue }
      defer { index += lines.count }
      return .events(in: bytes, lines, firstIndex: index + 1)
    }
  }

  private func endOfSkipped() -> SeveralPart? {
    guard let size = skipped else { return nil }
    skipped = nil
    searched = 0
    index += 1
    return .oversized(index: index, size: size)
  }

  private static func lines(in bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      var isBlank = true
      for index in bytes.indices {
        switch bytes[index] {
        case 0x0A:
          if !isBlank { lines.append(start..<index) }
          start = index + 1
          isBlank = true
        case 0x20, 0x09, 0x0D: break
        default: isBlank = false
        }
      }
      if !isBlank { lines.append(start..<bytes.count) }
    }
    return lines
  }
}
