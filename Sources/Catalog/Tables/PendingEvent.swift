package import Events
package import Time

/// A stored event that n8n has not acknowledged yet.
package struct PendingEvent: Hashable, Sendable {
  /// Identifies this writing of the record, in the order of storing.
  package var sequence: Int64
  package var eventId: EventID
  package var eventType: String
  /// The partition's number in the catalog.
  package var partition: Int64
  /// The record's size, including its newline.
  package var bytes: Int
  package var updatedAt: Timestamp

  package init(
    sequence: Int64, eventId: EventID, eventType: String, partition: Int64, bytes: Int, updatedAt: Timestamp
  ) {
    self.sequence = sequence
    self.eventId = eventId
    self.eventType = eventType
    self.partition = partition
    self.bytes = bytes
    self.updatedAt = updatedAt
  }
}
