import Events
import Forwarding
import TestSupport
import Testing
import Time

/// Notes in the catalog for other processes, and for the next one.
@Suite(.tags(.fast)) struct NoteTests {
  private let time = Timestamp(rfc3339: "2026-11-23T12:00:00.000Z")

  @Test(arguments: ["n8n says \"no; go away\"", "a; b; c", "line\nline\ttab \u{1F600}", ""])
  func `A note is read as it was written, whatever it says`(text: String) {
    for state in [CircuitNote.State.closed, .open, .mending, .silent, .pausing, .none] {
      for message in [Message(said: text), Message(WebhookMessage.unreachable, ["why": .text(text)]), nil] {
        let trouble = message.map { Trouble($0) }
        let note = CircuitNote(state, since: time, until: nil, trouble)
        #expect(CircuitNote(note.text) == note)
      }
    }
  }

  @Test(arguments: ["", "closed", "open 2026-11-23T12:00:00.000Z why", "{}", #"{"state":"ajar"}"#, "[]"])
  func `What is no note is none`(text: String) {
    #expect(CircuitNote(text) == nil)
    #expect(ForwardingMemory(text, for: "a") == nil)
  }

  @Test func `What must be known after a restart is read as it was written, ids by their bytes`() throws {
    var memory = ForwardingMemory()
    #expect(ForwardingMemory(memory.text(for: "a"), for: "a") == memory)
    memory.size = 50
    memory.suspects = ["caf\u{e9}": 3, "cafe\u{301}": 7, #"a "b" \ c"#: 1]
    memory.sent = ["cafe\u{301}": 2, "event for": 9, " ": 1]
    memory.failed = ["for": 100]
    memory.unanswered = ForwardingMemory.Unanswered(
      since: try #require(time), message: Message(WebhookMessage.noAnswer, ["why": "a; b"]))
    let text = memory.text(for: "https://n8n.example/x")
    #expect(ForwardingMemory(text, for: "https://n8n.example/x") == memory)
    #expect(ForwardingMemory(text, for: "https://n8n.example/y") == nil)
  }
}
