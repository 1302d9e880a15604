import Events
import TestSupport
import Testing
import Time

/// The message of a sidecar.
@Suite(.tags(.fast)) struct ReportMessageTests {
  private let time = Timestamp(milliseconds: 1_795_405_260_000)

  private func report(_ message: Message, count: Int? = nil) -> FailureReport {
    FailureReport(
      file: "a.json", failure: DropFailure(stage: .parse, reason: .invalidJSON, message: message), attempts: 1,
      firstFailedAt: time, lastFailedAt: time, nextAttemptAt: nil, inbox: "default",
      droppedAs: DropName(bytes: Array("a.json".utf8)), count: count)
  }

  private let tooLarge = Message(DropMessage.tooLarge, ["bytes": 5_000_000, "limit": 4_194_304])

  @Test(arguments: [(Language.en, "the event has 5000000 bytes"), (.fr, "l’événement fait 5000000 octets")])
  func `It is said in the language, with code and arguments behind`(language: Language, words: String) {
    let text = String(decoding: report(tooLarge, count: 2).encoded(in: language), as: UTF8.self)
    #expect(text.contains(#""message": ""# + words))
    #expect(
      text.contains(
        """
          "droppedAs": "a.json",
          "code": "event-too-large",
          "arguments": {"bytes": 5000000, "limit": 4194304},
          "count": 2
        """))
  }

  @Test(arguments: Language.allCases)
  func `It is read again, whatever language it was said in`(language: Language) throws {
    let mistake = DropMessage.notEvents
    for message in [tooLarge, Message(mistake, ["kind": .message(Message(DropMessage.string))]), Message(said: "no")] {
      #expect(FailureReport(report(message).encoded(in: language)) == report(message))
    }
  }

  @Test(arguments: [
    "", #","code":"of-tomorrow","arguments":{"a":1}"#, #","code":"event-too-large","arguments":{"bytes":1}"#,
    #","code":7,"arguments":[]"#, #","code":"event-too-large""#,
  ])
  func `One without a code, or with one that is unknown, is read as it says`(members: String) throws {
    let text = """
      {"file":"a.json","stage":"parse","reason":"invalid-json","message":"as it was said","attempts":1,
      "firstFailedAt":"2026-11-23T00:00:00Z","lastFailedAt":"2026-11-23T00:00:00Z","inbox":"default"\(members)}
      """
    let report = try #require(FailureReport(Array(text.utf8)))
    #expect(report.failure.message.text(in: .fr) == "as it was said")
    #expect(!String(decoding: report.encoded(in: .fr), as: UTF8.self).contains("\"code\""))
  }
}
