import Events
import TestSupport
import Testing

/// The table of all sentences, in all languages.
@Suite(.tags(.fast)) struct MessageBookTests {
  /// The placeholders for arguments in a template; anything else in braces is text.
  private func places(_ template: String) -> [MessagePlace] {
    // A reference, such as `${NAME}`, is text.
    template.replacing("${", with: "$(").split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap
    {
      part in part.firstIndex(of: "}").flatMap { MessagePlace(part[..<$0]) }
    }
  }

  @Test func `Each code stands once, and is a short fixed word`() {
    let codes = MessageBook.entries.map(\.code)
    #expect(Set(codes).count == codes.count)
    #expect(codes.count > 100)
    for code in codes {
      let word = code.split(separator: ".", maxSplits: 1)
      #expect(word.count == 1 || word[1] == "advice")
      #expect(word[0].allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber } && word[0].count < 40, "\(code)")
    }
  }

  @Test func `Each code has a sentence in each language`() {
    for entry in MessageBook.entries {
      for language in Language.allCases {
        #expect(entry.texts[language]?.isEmpty == false, "\(entry.code) in \(language)")
      }
    }
  }

  @Test func `Each declared argument is used in each language, and no other is`() {
    for entry in MessageBook.entries where !entry.code.hasSuffix(".advice") {
      let advice = MessageBook.entries.first { $0.code == entry.code + ".advice" }
      #expect(Set(entry.arguments).count == entry.arguments.count, "\(entry.code)")
      for language in Language.allCases {
        let template = (entry.texts[language] ?? "") + (advice?.texts[language] ?? "")
        #expect(Set(places(template).map { String($0.name) }) == Set(entry.arguments), "\(entry.code) in \(language)")
      }
    }
  }

  @Test func `A place has the same form in each language`() {
    func forms(_ text: String?) -> [String] {
      places(text ?? "").map { place in
        switch place.form {
        // A language may not distinguish one from several.
        case .plain, .counting: "\(place.name)"
        case .optional: "\(place.name)?"
        case .choosing(let choices): "\(place.name)? \(choices.map(\.word).sorted())"
        }
      }
    }
    for entry in MessageBook.entries {
      #expect(Set(forms(entry.texts[.en])) == Set(forms(entry.texts[.fr])), "\(entry.code)")
    }
  }

  /// A message inside another is its cause, which is a clause by itself.
  @Test func `A cause begins its sentence, or stands behind a colon or in brackets`() {
    for entry in MessageBook.entries where entry.arguments.contains("why") {
      for (language, text) in entry.texts {
        for place in text.ranges(of: "{why") {
          let (before, behind) = (text[..<place.lowerBound], text[place.upperBound...])
          let isBehindColon =
            behind.hasPrefix("}") ? before.hasSuffix(": ") : ["|: #", "|\u{A0}: #"].contains { behind.hasPrefix($0) }
          #expect(before.isEmpty || before.hasSuffix("(") || isBehindColon, "\(entry.code) in \(language): \(text)")
        }
      }
    }
  }

  @Test func `No sentence ends with a full stop, breaks its line or has two spaces`() {
    for entry in MessageBook.entries {
      for (language, text) in entry.texts {
        #expect(!text.contains("\n") && !text.contains("  "), "\(entry.code) in \(language)")
        #expect(!text.hasSuffix(".") || entry.code == "notification-more", "\(entry.code) in \(language)")
      }
    }
  }

  @Test func `French has spaces that no line breaks at`() {
    for entry in MessageBook.entries {
      let text = entry.texts[.fr] ?? ""
      for sign in [" :", " ;", " ?", " !", " »", "« "] { #expect(!text.contains(sign), "\(entry.code): \(text)") }
      // Straight apostrophes are English.
      #expect(!text.contains("'"), "\(entry.code): \(text)")
    }
  }

  @Test func `The page gets all its messages as JSON`() throws {
    let text = String(decoding: MessageBook.json, as: UTF8.self)
    for language in Language.allCases { #expect(text.contains("\"\(language.rawValue)\":{")) }
    for entry in MessageBook.pageEntries {
      #expect(
        text.split(separator: "\"\(entry.code)\":\"", omittingEmptySubsequences: false).count == 3, "\(entry.code)")
    }
  }
}

/// How a message is put into words, stored and read.
@Suite(.tags(.fast)) struct MessageTests {
  @Test func `Arguments get into their places, and nothing of what they say is a place`() {
    let message = Message(WebhookMessage.rejected, ["said": "{said|x} {nothing} #"])
    #expect(message.text(in: .en) == "the workflow rejects the event: {said|x} {nothing} #")
    #expect(Message(WebhookMessage.rejected, ["said": ""]).text(in: .en) == "the workflow rejects the event")
  }

  @Test(arguments: [
    (0, "0 files in failed/", "0 fichier dans failed/"), (1, "1 file in failed/", "1 fichier dans failed/"),
    (2, "2 files in failed/", "2 fichiers dans failed/"),
  ])
  func `One and many have their forms`(count: Int, english: String, french: String) {
    let message = Message(StatusMessage.failed, ["count": .integer(count)])
    #expect(message.text(in: .en) == english)
    #expect(message.text(in: .fr) == french)
  }

  @Test func `Braces that are JSON stay`() {
    #expect(Message(WebhookMessage.noResults, ["begun": ""]).sentence(in: .en).contains(#"answer {"results":[…]}"#))
  }

  @Test func `A message has the advice of the cause that it names`() {
    let cause = Message(WebhookMessage.unreachable, ["why": "refused"])
    let message = Message(StatusMessage.circuitOpen, ["why": .message(cause)])
    #expect(message.advice == cause.advice && cause.advice != nil)
    #expect(message.sentence(in: .fr).hasPrefix("l’envoi est suspendu"))
  }

  @Test func `What is written down is read again`() {
    let cause = Message(WebhookMessage.unreachable, ["why": "a \"quote\", \u{202E} and {why}\n"])
    for message in [
      cause, Message(StatusMessage.circuitOpen, ["why": .message(cause)]), Message(said: "{not a message"),
      Message(StatusMessage.failed, ["count": 3]), Message(said: "{}"),
    ] {
      #expect(Message(encoded: message.encoded).text(in: .fr) == message.text(in: .fr))
      #expect(!message.encoded.contains("\n"))
    }
    #expect(Message(encoded: #"{"code":"of-tomorrow","arguments":{}}"#).code == nil)
    #expect(Message(encoded: #"{"code":"files-failed","arguments":{}}"#).code == nil)
    #expect(Message(encoded: "what an earlier version wrote").text(in: .fr) == "what an earlier version wrote")
  }

  @Test func `Messages inside each other without end are not read`() {
    let deep = String(repeating: #"{"code":"circuit-open","arguments":{"why":"#, count: 400)
    #expect(Message(encoded: deep + "\"x\"" + String(repeating: "}}", count: 400)).code == nil)
  }

  @Test(arguments: [
    ("evt_1", "eventdrop reprocess --replace evt_1"), ("-1", "eventdrop reprocess --replace -- -1"),
    ("--json", "eventdrop reprocess --replace -- --json"), ("a b", "eventdrop reprocess --replace 'a b'"),
    ("it's", #"eventdrop reprocess --replace 'it'\''s'"#), ("$(rm x)", "eventdrop reprocess --replace '$(rm x)'"),
    ("é", "eventdrop reprocess --replace 'é'"), ("", "eventdrop reprocess --replace ''"),
    ("a\u{202E}'\\", #"eventdrop reprocess --replace 'a'$'\xe2\x80\xae'''\''\'"#),
    ("'\u{301};x;#", "eventdrop reprocess --replace ''\\''\u{301};x;#'"),
    ("\u{202E}';x;#", #"eventdrop reprocess --replace $'\xe2\x80\xae'''\'';x;#'"#),
    ("-\u{301}", "eventdrop reprocess --replace -- '-\u{301}'"),
  ])
  func `A conflict names the whole command`(eventId: String, command: String) {
    for message in [
      Message.conflict(EventID(eventId), record: "p"), .conflict(EventID(eventId), record: "p", eventType: "t"),
      .superseded(EventID(eventId), hasOtherData: true), .superseded(EventID(eventId), hasOtherData: false),
    ] {
      for language in Language.allCases { #expect(message.text(in: language).contains(command)) }
    }
  }
}
