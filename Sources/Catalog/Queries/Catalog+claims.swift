internal import DurableFiles
package import Events
internal import ExactJSON

extension Catalog {
  /// Whether an event from this inbox with the same data is known: then a drop in the form of a record is that record,
  /// moved or copied by a person, whatever the inbox's mapping says.
  ///
  /// The data is compared with that of the record in its partition. If that is gone, because it is what was moved, the
  /// drop is recognised by its times of writing, which only the record contains; and if it was pruned, by its identity.
  package func isOnRecord(_ claim: RecordClaim, _ tree: PartitionTree) -> Bool {
    guard let row = try? event(claim.eventId) else {
      let identity = try? identity(ofKey: EventKey(eventId: claim.eventId).text)
      return claim.cameFrom.utf8.elementsEqual(claim.inbox.utf8) && identity?.digest == claim.dataDigest
    }
    guard row.inbox.utf8.elementsEqual(claim.inbox.utf8), row.eventType.utf8.elementsEqual(claim.eventType.utf8) else {
      return false
    }
    if let digest = digest(ofRecord: claim.eventId, in: row.partition, tree) { return digest == claim.dataDigest }
    return row.createdAt == claim.createdAt && row.updatedAt == claim.updatedAt
  }

  /// The SHA-256 of the data of a record, read from its partition; nil if it does not exist.
  private func digest(ofRecord eventId: EventID, in partition: Int64, _ tree: PartitionTree) -> [UInt8]? {
    guard let date = (try? date(ofPartition: partition)) ?? nil, let folder = (try? tree.partition(date)) ?? nil,
      let bytes = (try? folder.read(EventKey(eventId: eventId).recordName, limit: recordSizeLimit)) ?? nil
    else { return nil }
    var document = JSONDocument()
    guard let record = try? ProcessedEvent(bytes.span, using: &document), record.eventId == eventId else { return nil }
    return JSONText.digest(of: record.data, in: bytes.span)
  }
}
