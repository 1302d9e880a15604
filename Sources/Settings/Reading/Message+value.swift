internal import Events

/// Why a text is not a value of a kind.
struct ValueMistake: Error {
  /// What is expected, if it can be said better than for the kind as a whole.
  var expectation: Message?
  /// What is wrong, if nothing of the text needs to be shown.
  var reason: Message?
  /// What is wrong, with parts of the text; shown only if the text is in the file and may be quoted.
  var explanation: Message?
  /// What was probably meant; added to a message that shows the text.
  var hint: Message?
}

extension ValueMistake {
  /// A mistake explained by what is expected, and perhaps by what was probably meant.
  init(hint: HintMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) {
    self.init(hint: Message(hint, arguments))
  }

  /// A mistake that is the same whatever the text.
  init(_ reason: ValueMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) {
    self.init(reason: .refused(reason, arguments))
  }
}

extension Message {
  /// What a value must be, without what was found instead.
  static func expected(
    _ code: ExpectationMessage, _ arguments: KeyValuePairs<String, Value> = [:], found: ExpectationMessage.Found? = nil
  ) -> Message {
    let own = arguments.map { Argument($0.key, $0.value) }
    let message = Message(code, own + ExpectationMessage.found.map { Argument($0, "") })
    return found.map { message.found($0) } ?? message
  }

  /// Why a value written in the file itself is refused.
  static func refused(_ code: ValueMessage, _ arguments: KeyValuePairs<String, Value> = [:]) -> Message {
    Message(code, arguments.map { Argument($0.key, $0.value) } + ValueMessage.whose.map { Argument($0, "") })
  }

  /// What a value must be, and what was found instead.
  func found(_ found: ExpectationMessage.Found) -> Message { with("found", .text(found.rawValue)) }

  /// The same for a text in the file.
  func found(_ text: String) -> Message { text.isEmpty ? found(.empty) : with("text", .text(shown(text))) }

  /// What is wrong with the value of a reference.
  func about(origin: String) -> Message {
    origin == Interpolation.namelessOrigin ? found(.reference) : with("origin", .text(shown(origin)))
  }
}

/// Words to choose from, as two arguments of a message.
func alternatives(_ words: [String]) -> (words: Message.Value, last: Message.Value) {
  (.text(words.dropLast().joined(separator: ", ")), .text(words.last ?? ""))
}
