internal import DequeModule

/// The bytes of recently stored records, so that they need not be read again to be forwarded.
///
/// Its room is limited, and it takes no more than that: the oldest are forwarded first. Those not requested by the time
/// a later one is requested make room.
struct RecentRecords {
  private var records: Deque<(sequence: Int64, bytes: [UInt8])> = []
  private var size = 0
  private let limit: Int

  /// - Parameter limit: The largest size of the records in bytes.
  init(limit: Int) {
    self.limit = limit
  }

  /// Keeps a record if there is room; each has a greater sequence than the one before.
  mutating func append(_ bytes: [UInt8], sequence: Int64) {
    guard size + bytes.count <= limit else { return }
    records.append((sequence, bytes))
    size += bytes.count
  }

  /// Returns a record, and forgets it and those before it.
  mutating func take(_ sequence: Int64) -> [UInt8]? {
    while let oldest = records.first, oldest.sequence <= sequence {
      records.removeFirst()
      size -= oldest.bytes.count
      if oldest.sequence == sequence { return oldest.bytes }
    }
    return nil
  }
}
