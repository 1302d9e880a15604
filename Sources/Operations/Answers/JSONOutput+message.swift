internal import Events

extension JSONOutput {
  /// A message's code and arguments; null for none.
  static func message(_ message: Message?) -> JSONOutput { message.map { JSONOutput(bytes: $0.json) } ?? null }

  /// The codes and arguments of the texts beside them, by the names of the texts.
  static func messages(_ messages: [(String, Message?)]) -> (String, JSONOutput) {
    ("messages", object(messages.map { ($0, message($1)) }))
  }

  /// A text of a message as the member `message`, with its code and arguments.
  static func said(_ message: Message?, in language: Language) -> [(String, JSONOutput)] {
    [
      ("message", text(message?.sentence(in: language))), ("code", text(message?.code)),
      ("arguments", message?.code == nil ? null : JSONOutput(bytes: message?.argumentsJSON ?? [])),
    ]
  }
}
