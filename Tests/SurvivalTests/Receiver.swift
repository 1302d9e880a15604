import Synchronization
import TestSupport

/// The webhook, independent of everything that fails: it misbehaves in every known way, and remembers what it
/// acknowledged.
final class Receiver: Sendable {
  private let webhook: MisbehavingWebhook
  private let mood: Mood

  init(_ ledger: Ledger, _ dice: Dice) throws {
    let mood = Mood(dice)
    self.mood = mood
    webhook = try MisbehavingWebhook { request, _ in
      let ids = Payload.ids(inBody: request.body)
      ledger.note { $0.sentAgain.formUnion($0.old.intersection(ids)) }
      let answer = mood.answer()
      if answer.isAcknowledgement { ledger.note { $0.acknowledged.formUnion(ids) } }
      return answer.answer
    }
  }

  deinit {
    webhook.stop()
  }

  var url: String { webhook.url }

  /// Acknowledges everything from now on.
  func behave() { mood.isWellBehaved.store(true, ordering: .relaxed) }

  private final class Mood: Sendable {
    let isWellBehaved = Atomic(false)
    private let dice: Mutex<Dice>

    init(_ dice: Dice) {
      self.dice = Mutex(dice)
    }

    func answer() -> (answer: MisbehavingWebhook.Answer, isAcknowledgement: Bool) {
      let started = MisbehavingWebhook.Answer.status(200, body: #"{"message":"Workflow was started"}"#)
      if isWellBehaved.load(ordering: .relaxed) { return (started, true) }
      switch dice.withLock({ $0.roll(0..<100) }) {
      case ..<62: return (started, true)
      case ..<66: return (.delayed(milliseconds: 40, started), true)
      case ..<70: return (.status(500, body: #"{"message":"Error in workflow"}"#), false)
      case ..<74: return (.status(429, headers: ["Retry-After: 0"]), false)
      case ..<75: return (.status(429, headers: ["Retry-After: 1"]), false)
      case ..<79: return (.closed, false)
      case ..<83: return (.half(bytes: 40), false)
      case ..<86: return (.silence, false)
      case ..<90: return (.status(200, body: "n8n is starting up. Please wait"), false)
      case ..<92: return (.status(200, body: #"{"message":"Webhook call received"}"#), false)
      case ..<95: return (.status(503, body: "Database is not ready!"), false)
      case ..<98: return (.status(404, body: #"{"code":404,"message":"not registered"}"#), false)
      default: return (.raw(Array("what?\r\n\r\n".utf8)), false)
      }
    }
  }
}
