internal import DequeModule

/// The bytes of records that were stored a moment ago, so that they need not be read again to be forwarded.
///
/// It has room for so many bytes and takes no more: the oldest are forwarded first. Those that nobody has asked for when a
/// later one is asked for make room.
struct RecentRecords {
  private var records: Deque<(sequence: Int64, bytes: [UInt8])> = []
  private var size = 0
  private let limit: Int

  /// - Parameter limit: For how many bytes of records there is room.
  init(limit: Int) {
    self.limit = limit
  }

  /// Keeps a record where there is room; each has a greater sequence than the one before.
  mutating func append(_ bytes: [UInt8], sequence: Int64) {
    guard size + bytes.count <= limit else { return }
    records.append((sequence, bytes))
    size += bytes.count
  }

  /// Gives a record away, and forgets those before it.
  mutating func take(_ sequence: Int64) -> [UInt8]? {
    while let oldest = records.first, oldest.sequence <= sequence {
      records.removeFirst()
      size -= oldest.bytes.count
      if oldest.sequence == sequence { return oldest.bytes }
    }
    return nil
  }
}
