/// Something to report to people: a code and its arguments, put into words in the reader's language.
package struct Message: Hashable, Sendable {
  /// The value of an argument.
  package enum Value: Hashable, Sendable {
    case text(String)
    case integer(Int)
    /// A message inside another, such as the cause of a refusal.
    case message(Message)
  }

  package struct Argument: Hashable, Sendable {
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// Nil if only its text is known.
  package let code: String?
  package let arguments: [Argument]
  /// The text of a message without a code, in its original language.
  let said: String?

  package init(_ code: some MessageCode, _ arguments: KeyValuePairs<String, Value> = [:]) {
    assert(Set(arguments.map(\.key)) == Set(code.arguments), "the arguments of \(code.rawValue) are others")
    self.code = code.rawValue
    self.arguments = arguments.map { Argument($0.key, $0.value) }
    said = nil
  }

  /// A message whose arguments are put together from several lists.
  package init(_ code: some MessageCode, _ arguments: [Argument]) {
    assert(Set(arguments.map(\.name)) == Set(code.arguments), "the arguments of \(code.rawValue) are others")
    self.code = code.rawValue
    self.arguments = arguments
    said = nil
  }

  /// A message of which only the text is known, such as that of a sidecar from an earlier version.
  package init(said text: String) {
    code = nil
    arguments = []
    said = text
  }

  /// A stored message; nil if the code or one of its arguments is unknown here.
  package init?(code: String, arguments: [Argument]) {
    guard let entry = MessageBook.entry(code), Set(entry.arguments).isSubset(of: arguments.map(\.name)) else {
      return nil
    }
    self.code = code
    self.arguments = arguments
    said = nil
  }

  private init(code: String?, _ arguments: [Argument], said: String?) {
    self.code = code
    self.arguments = arguments
    self.said = said
  }

  /// The same with another value for an argument.
  package func with(_ name: String, _ value: Value) -> Message {
    Message(code: code, arguments.map { $0.name == name ? Argument(name, value) : $0 }, said: said)
  }

  /// Whether it has this code, whatever its arguments.
  package func has(_ code: some MessageCode) -> Bool { self.code == code.rawValue }

  /// What a person can do about it; nil if there is nothing to do but wait, or the message says it.
  ///
  /// A message without its own advice uses that of the cause that it names.
  package var advice: Message? {
    guard let code else { return nil }
    if let own = Message(code: code + MessageBook.adviceEnding, arguments: arguments) { return own }
    return arguments.lazy.compactMap { argument in
      if case .message(let cause) = argument.value { cause.advice } else { nil }
    }.first
  }
}

// MARK: Words

extension Message {
  /// What happened, in a language.
  package func text(in language: Language) -> String {
    guard let code, let template = MessageBook.entry(code)?.texts[language] else { return said ?? "" }
    return filled(template[...], language)
  }

  /// What happened and what a person can do about it, in a language.
  package func sentence(in language: Language) -> String {
    let text = text(in: language)
    guard let advice else { return text }
    return text + language.betweenClauses + advice.text(in: language)
  }

  /// Replaces the placeholders by the arguments; nothing in an argument is taken for a placeholder.
  private func filled(_ template: Substring, _ language: Language) -> String {
    var result = ""
    var rest = template
    while let brace = rest.firstIndex(of: "{") {
      result += rest[..<brace]
      // A reference of the configuration, such as `${NAME}`, is not a placeholder.
      guard rest[..<brace].last != "$", let end = rest[brace...].firstIndex(of: "}"),
        let place = MessagePlace(rest[rest.index(after: brace)..<end])
      else {
        result.append("{")
        rest = rest[rest.index(after: brace)...]
        continue
      }
      result += self[place, language]
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private subscript(place: MessagePlace, language: Language) -> String {
    guard let value = arguments.first(where: { $0.name == place.name })?.value else { return "" }
    switch (value, place.form) {
    case (.text(let text), .optional(let form)): return text.isEmpty ? "" : form.with(text)
    case (.text(let word), .choosing(let choices)):
      return choices.first { $0.word == word }.map { String($0.text) } ?? ""
    case (.text(let text), _): return text
    case (.message(let message), _): return message.text(in: language)
    case (.integer(let number), .counting(let one, let many)):
      let isOne = language == .fr ? (0...1).contains(number) : number == 1
      return (isOne ? one : many).with(String(number))
    case (.integer(let number), _): return String(number)
    }
  }
}

extension Message.Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  package init(stringLiteral text: String) { self = .text(text) }
  package init(integerLiteral number: Int) { self = .integer(number) }
}

extension Message: CustomStringConvertible {
  /// For the log, which is in English.
  package var description: String { sentence(in: .en) }
}

/// A placeholder for an argument in a template: the text between its braces, see `MessageWords`.
package struct MessagePlace {
  package enum Form {
    case plain
    /// Appears only if there is a text.
    case optional(Substring)
    /// The texts for one, and for several.
    case counting(one: Substring, many: Substring)
    /// The text for each of some words; nothing for any other.
    case choosing([(word: Substring, text: Substring)])
  }

  package var name: Substring
  package var form: Form

  /// Parses it; nil if the braces contain something else, such as JSON.
  package init?(_ text: Substring) {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    guard let first = parts.first, case let name = first.prefix(while: { $0 != "?" }), !name.isEmpty,
      name.unicodeScalars.allSatisfy({ ("a"..."z").contains($0) || ("A"..."Z").contains($0) })
    else { return nil }
    self.name = name
    guard name == first else {
      let choices = [first.dropFirst(name.count + 1)] + parts.dropFirst()
      form = .choosing(
        choices.map { choice in
          let word = choice.prefix { $0 != "=" }
          return (word, choice.dropFirst(word.count + 1))
        })
      return
    }
    switch parts.count {
    case 1: form = .plain
    case 2: form = .optional(parts[1])
    case 3: form = .counting(one: parts[1], many: parts[2])
    default: return nil
    }
  }
}

extension Substring {
  /// With a value in place of `#`.
  fileprivate func with(_ value: String) -> String {
    split(separator: "#", omittingEmptySubsequences: false).joined(separator: value)
  }
}
