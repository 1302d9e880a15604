/// The content of a machine's tree.
package struct TreeHolding: Hashable, Sendable {
  /// How many events have a record in it.
  package var records: Int
  /// How many of these n8n has not acknowledged.
  package var pending: Int

  package init(records: Int, pending: Int) {
    self.records = records
    self.pending = pending
  }
}

/// The state of an event, in the words of `list --status`.
package enum SharedState: String, Hashable, Sendable {
  case claimed, pending, forwarded, missing
  /// Its record is not in the tree: in `retry/`, in `failed/`, or with a person.
  case away
}
