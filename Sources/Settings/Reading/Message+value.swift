internal import Events

/// Why a text is no value of a kind.
struct ValueMistake: Error {
  /// What is expected, where that is said better than for the kind as a whole.
  var expectation: Message?
  /// What is wrong, where that needs nothing of the text.
  var reason: Message?
  /// What is wrong, with parts of the text; shown only where the text stands in the file and may be quoted.
  var explanation: Message?
  /// What is probably meant; added to a message that shows the text.
  var hint: Message?
}

extension ValueMistake {
  /// One of which all is said by what is expected, and perhaps by what is probably meant.
  init(hint: HintMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) {
    self.init(hint: Message(hint, arguments))
  }

  /// One that says what is wrong whatever the text.
  init(_ reason: ValueMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) {
    self.init(reason: .refused(reason, arguments))
  }
}

extension Message {
  /// What a value must be, without what stands there instead.
  static func expected(
    _ code: ExpectationMessage, _ arguments: KeyValuePairs<String, Value> = [:], found: ExpectationMessage.Found? = nil
  ) -> Message {
    let own = arguments.map { Argument($0.key, $0.value) }
    let message = Message(code, own + ExpectationMessage.found.map { Argument($0, "") })
    return found.map { message.found($0) } ?? message
  }

  /// Why a value is refused, as one that stands in the file itself.
  static func refused(_ code: ValueMessage, _ arguments: KeyValuePairs<String, Value> = [:]) -> Message {
    Message(code, arguments.map { Argument($0.key, $0.value) } + ValueMessage.whose.map { Argument($0, "") })
  }

  /// What a value must be, and what stands there instead.
  func found(_ found: ExpectationMessage.Found) -> Message { with("found", .text(found.rawValue)) }

  /// The same with a text of the file.
  func found(_ text: String) -> Message { text.isEmpty ? found(.empty) : with("text", .text(shown(text))) }

  /// What is wrong with the value of a reference.
  func about(origin: String) -> Message {
    origin == Interpolation.namelessOrigin ? found(.reference) : with("origin", .text(shown(origin)))
  }
}

/// Words that one can be chosen of, as two arguments of a message.
func alternatives(_ words: [String]) -> (words: Message.Value, last: Message.Value) {
  (.text(words.dropLast().joined(separator: ", ")), .text(words.last ?? ""))
}
