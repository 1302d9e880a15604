extension Message {
  /// An eventId has a record with different data.
  ///
  /// - Parameters:
  ///   - eventId: The event.
  ///   - record: The record's path.
  /// - Returns: The message, with the commands that help.
  package static func conflict(_ eventId: EventID, record: String) -> Message {
    Message(
      DropMessage.conflict,
      [
        "eventId": .text(eventId.text), "record": .text(record), "diff": diff(eventId), "replace": replacement(eventId),
      ])
  }

  /// Another machine has a record of an eventId, for a different event.
  package static func conflict(_ eventId: EventID, node: String) -> Message {
    Message(DropMessage.conflictWithNode, ["eventId": .text(eventId.text), "node": .text(node)])
  }

  /// An eventId has a record with another eventType.
  package static func conflict(_ eventId: EventID, record: String, eventType: String) -> Message {
    Message(
      DropMessage.conflictOfTypes,
      [
        "eventId": .text(eventId.text), "record": .text(record), "eventType": .text(eventType), "diff": diff(eventId),
        "replace": replacement(eventId),
      ])
  }

  /// A failed file's event was dropped again and stored.
  ///
  /// - Parameters:
  ///   - eventId: The event.
  ///   - hasOtherData: Whether its data is known to be different.
  /// - Returns: The message, with the commands that help.
  package static func superseded(_ eventId: EventID, hasOtherData: Bool) -> Message {
    Message(
      hasOtherData ? DropMessage.superseded : .supersededPerhaps,
      [
        "diff": diff(eventId), "replace": replacement(eventId),
        "discard": .text(ShellWord.command("discard", eventId: eventId)),
      ])
  }

  private static func diff(_ eventId: EventID) -> Value { .text(ShellWord.command("diff", eventId: eventId)) }

  private static func replacement(_ eventId: EventID) -> Value {
    .text(ShellWord.command("reprocess", "--replace", eventId: eventId))
  }
}
