internal import DurableFiles
internal import EventStore
internal import Events

/// A file that was claimed and is being read, or waits for its events to be stored.
struct ClaimedDrop {
  var folder: Folder
  var name: FileName
  /// The name by which it was dropped.
  var original: DropName
  /// As it was when it was read.
  var status: FileStatus
  /// Whether the kernel said that nobody has it open for writing.
  ///
  /// Where it could not say, a change is looked for at the end.
  var isKnownClosed: Bool
  /// What it failed of before, where it comes back from `retry/`.
  var history: FailureHistory?
  /// How to name the file of one of its events.
  func partName(_ index: Int) -> FileName? { name.appending(".\(index).json") }
}

/// What a claimed file holds.
enum DropContent {
  /// All of it.
  case items([DroppedItem], of: [UInt8])
  /// It cannot be read as events.
  case failed(DropFailure)
  /// Somebody is still writing to it, or has replaced it: it is no drop yet.
  case unsettled
  /// It holds an event a line.
  case lines(LineReader)
}

/// The lines of a file, each an event; empty ones are passed over.
final class LineReader {
  private let file: OpenFile
  private var buffer: [UInt8] = []
  private var isAtEnd = false
  private var isAtStart = true
  private var index = 0
  private static let chunk = 1 << 20

  init(_ file: consuming OpenFile) {
    self.file = file
  }

  /// The next lines, as the bytes that hold them, their ranges, and the index of the first; nil at the end.
  ///
  /// - Throws: `FileFailure`.
  func next() throws(FileFailure) -> (bytes: [UInt8], lines: [Range<Int>], firstIndex: Int)? {
    while true {
      if isAtEnd, buffer.isEmpty { return nil }
      if !isAtEnd { try readMore() }
      if isAtStart, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { buffer.removeFirst(3) }
      isAtStart = false
      let end = isAtEnd ? buffer.count : (buffer.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
      guard end > 0 || isAtEnd else { continue }
      let bytes = Array(buffer[..<end])
      buffer.removeFirst(end)
      let lines = Self.lines(in: bytes)
      guard !lines.isEmpty else { continue }
      defer { index += lines.count }
      return (bytes, lines, index + 1)
    }
  }

  private func readMore() throws(FileFailure) {
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    var count = 0
    var failure: FileFailure?
    buffer.withUnsafeMutableBytes { whole in
      do throws(FileFailure) {
        count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: whole[start...]))
      } catch {
        failure = error
      }
    }
    buffer.removeLast(Self.chunk - count)
    if let failure { throw failure }
    isAtEnd = count == 0
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
