internal import Events
internal import Forwarding

/// Tries the webhook's address, and asks n8n about the workflow.
enum WebhookCheck {
  private static let key = "forward.url"

  /// Connects, asks without an event, and sends one if that is wanted.
  ///
  /// - Parameters:
  ///   - options: Where and how to send.
  ///   - sendsTestEvent: Whether to send an event.
  /// - Returns: What was found.
  static func run(_ options: ForwardingOptions, sendsTestEvent: Bool) async -> [Check.Finding] {
    let client = CurlClient(options)
    let address = Message.Value.text("\(options.address)")
    if let failure = await client.connect() {
      let message = Message(
        CheckMessage.unreachable,
        ["address": address, "why": .text(failure.message), "key": .text(failure.place)])
      return [Check.Finding(sendsTestEvent ? .refused : .away, key, message)]
    }
    var findings = [Check.Finding(.good, key, Message(CheckMessage.reached, ["address": address]))]
    findings.append(finding(of: await WebhookInquiry.ask(client, options)))
    guard sendsTestEvent else { return findings }
    if let (why, response) = await TestEvent.send(options) {
      let message = Message(
        CheckMessage.testRefused, ["address": address, "why": .message(why), "response": .text(response ?? "")])
      findings.append(Check.Finding(.refused, key, message))
    } else {
      let message = Message(
        CheckMessage.testTaken, ["address": address, "eventType": .text(TestEvent.eventType)])
      findings.append(Check.Finding(.good, key, message))
    }
    return findings
  }

  /// What n8n says about the workflow.
  private static func finding(of inquiry: WebhookInquiry) -> Check.Finding {
    switch inquiry {
    case .takesPOST: Check.Finding(.good, key, Message(CheckMessage.workflowActive))
    case .takesOnly(let methods):
      Check.Finding(
        .warning, key, Message(CheckMessage.takesOther, ["methods": .text(methods.joined(separator: ", "))]))
    case .notRegistered: Check.Finding(.warning, key, Message(CheckMessage.noWorkflow))
    case .startingUp: Check.Finding(.good, key, Message(CheckMessage.startingUp))
    case .nothingThere: Check.Finding(.warning, key, Message(CheckMessage.nothingThere))
    case .noWebhookPath: Check.Finding(.warning, key, Message(CheckMessage.noWebhookPath))
    case .takesAtLeast(let method):
      Check.Finding(.good, key, Message(CheckMessage.takesAtLeast, ["method": .text(method)]))
    case .unavailable(let why): Check.Finding(.away, key, Message(CheckMessage.notKnownNow, ["why": .message(why)]))
    case .unknown(let status):
      Check.Finding(.good, key, Message(CheckMessage.notSaid, ["status": .integer(status)]))
    }
  }
}

extension ExchangeFailure {
  /// The key in the configuration that may be the cause.
  fileprivate var place: String {
    switch kind {
    case .proxy: "forward.proxy"
    case .tls: "forward.tls"
    default: "forward.url"
    }
  }
}
