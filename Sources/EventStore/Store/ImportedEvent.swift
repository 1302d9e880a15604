package import Events
package import Time

/// An event that another system has processed and forwarded already.
package struct ImportedEvent: Sendable {
  package var event: Event
  package var processedAt: Timestamp
  package var createdAt: Timestamp
  package var updatedAt: Timestamp

  package init(_ event: Event, processedAt: Timestamp, createdAt: Timestamp, updatedAt: Timestamp) {
    self.event = event
    self.processedAt = processedAt
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}
