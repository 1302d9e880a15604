import ExactJSON
import Logging
import Operations
import Testing
import Time

struct LogMessageTests {
  private let time = Timestamp(milliseconds: 1_795_405_260_123)

  private func text(_ message: LogMessage) -> String {
    String(decoding: message.textLine(at: time, inColour: false), as: UTF8.self)
  }

  private func json(_ message: LogMessage) -> String {
    String(decoding: message.jsonLine(at: time), as: UTF8.self)
  }

  @Test("Both formats hold the same fields in the same order")
  func sameFields() {
    let message = LogMessage(
      level: .info, text: "stored 500 events",
      metadata: ["zeta": "1", "inbox": "default", "events": .stringConvertible(500)])
    #expect(text(message) == "\(time.rfc3339) info     stored 500 events events=500 inbox=default zeta=1")
    #expect(
      json(message) == #"{"time":"\#(time.rfc3339)","level":"info","message":"stored 500 events","#
        + #""events":500,"inbox":"default","zeta":"1"}"#)
  }

  @Test("A file's name forges neither a line nor a field")
  func forgery() throws {
    let name = "a\n2026-01-01T00:00:00.000Z error    all is lost level=error\",\"x\":\"y\u{1B}[2J"
    let message = LogMessage(level: .warning, text: "cannot read \(name)", metadata: ["file": .string(name)])
    #expect(!text(message).unicodeScalars.contains("\n") && !text(message).unicodeScalars.contains("\u{1B}"))
    let escaped = #"a\n2026-01-01T00:00:00.000Z error    all is lost level=error\",\"x\":\"y\u{1B}[2J"#
    #expect(text(message).hasSuffix(#" file="\#(escaped)""#))
    let line = message.jsonLine(at: time)
    var document = JSONDocument()
    try document.scan(line.span)
    #expect(document.members.count == 4)
    let value = try #require(document.members.last).value.range
    #expect(JSONText.string((value.lowerBound + 1)..<(value.upperBound - 1), in: line.span) == name)
  }

  @Test("No value takes the name of one that every line has")
  func takenNames() {
    let metadata: Logger.Metadata = ["level": "debug", "time": "never", "message": "other"]
    let message = LogMessage(level: .error, text: "m", metadata: metadata)
    #expect(json(message).hasSuffix(#""message":"m","level_":"debug","message_":"other","time_":"never"}"#))
  }

  @Test("Numbers and truth are JSON's own, nested values are JSON in both formats")
  func kinds() {
    let message = LogMessage(
      level: .debug, text: "m",
      metadata: [
        "a": .stringConvertible(true), "b": .stringConvertible(UInt64.max), "c": .stringConvertible(0.5),
        "d": .stringConvertible(Double.nan), "e": ["x", .stringConvertible(1)], "f": ["k": "a b", "j": "\n"],
      ])
    #expect(
      json(message).hasSuffix(
        #""a":true,"b":18446744073709551615,"c":0.5,"d":"nan","e":["x",1],"f":{"j":"\n","k":"a b"}}"#))
    #expect(text(message).hasSuffix(#"a=true b=18446744073709551615 c=0.5 d=nan e=["x",1] f={"j":"\n","k":"a b"}"#))
  }

  @Test("Colour is around the level only")
  func colour() {
    let line = LogMessage(level: .error, text: "m", metadata: ["k": "v"]).textLine(at: time, inColour: true)
    #expect(String(decoding: line, as: UTF8.self) == "\(time.rfc3339) \u{1B}[31merror   \u{1B}[0m m k=v")
  }

  @Test("Every level's line begins its message in the same column", arguments: Logger.Level.allCases)
  func columns(level: Logger.Level) {
    let line = text(LogMessage(level: level, text: "here", metadata: [:]))
    #expect(line.utf8.count == 24 + 1 + 8 + 1 + 4)
    #expect(line.hasSuffix(" here"))
  }
}
