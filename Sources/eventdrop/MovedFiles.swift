internal import Events
internal import Operations

// What is printed of files that reprocess and discard move.
extension Message {
  init(_ code: ActionMessage, from source: String, to target: String) {
    self.init(code, ["from": .text(source), "to": .text(target)])
  }
}

extension LineWriter {
  /// That a file stays where it is.
  func writeNotMoved(_ path: String, _ why: Message, in language: Language) {
    let message = Message(ActionMessage.notMoved, ["path": .text(path), "why": .message(why)])
    write(lines: [LogText.escaped("eventdrop: " + message.sentence(in: language))])
  }
}
