extension Message {
  /// That an eventId has a record with other data.
  ///
  /// - Parameters:
  ///   - eventId: The event.
  ///   - record: Where the record lies.
  /// - Returns: The message, with the commands that help.
  package static func conflict(_ eventId: EventID, record: String) -> Message {
    Message(
      DropMessage.conflict,
      [
        "eventId": .text(eventId.text), "record": .text(record), "diff": diff(eventId), "replace": replacement(eventId),
      ])
  }

  /// That another machine has a record of an eventId, of another event.
  package static func conflict(_ eventId: EventID, node: String) -> Message {
    Message(DropMessage.conflictWithNode, ["eventId": .text(eventId.text), "node": .text(node)])
  }

  /// That an eventId has a record of another eventType.
  package static func conflict(_ eventId: EventID, record: String, eventType: String) -> Message {
    Message(
      DropMessage.conflictOfTypes,
      [
        "eventId": .text(eventId.text), "record": .text(record), "eventType": .text(eventType), "diff": diff(eventId),
        "replace": replacement(eventId),
      ])
  }

  /// That a failed file's event was dropped again and stored.
  ///
  /// - Parameters:
  ///   - eventId: The event.
  ///   - hasOtherData: Whether it is known that its data is different.
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
