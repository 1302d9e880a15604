internal import Events
internal import ExactJSON

/// What n8n says in the body of an answer, according to its source.
package struct N8NAnswer {
  private let answer: HTTPAnswer
  private let mask: SecretMask
  /// The member `message` of a JSON object; otherwise the text, if it is short.
  let message: String?
  /// Whether the body is an object with that one member.
  let isOnlyMessage: Bool
  private let isJSON: Bool
  /// Whether it is an object with `"code": 0`, with which n8n reports on itself rather than on the request.
  private let hasCodeZero: Bool

  package init(_ answer: HTTPAnswer, mask: SecretMask = .nothing) {
    self.answer = answer
    self.mask = mask
    var document = JSONDocument()
    let bytes = answer.body.span
    // An answer can be large, but n8n's own messages never are.
    guard answer.body.count <= 16_384, (try? document.scan(bytes, depthLimit: 64)) != nil else {
      isJSON = false
      hasCodeZero = false
      isOnlyMessage = false
      message = answer.body.count <= 1024 ? Self.readable(answer.body[...]) : nil
      return
    }
    isJSON = true
    hasCodeZero = document.members.contains { member in
      JSONText.name(of: member, in: bytes, equals: "code") && member.value.kind == .number
        && member.value.range.count == 1 && bytes[member.value.range.lowerBound] == 0x30
    }
    let member = document.members.first { JSONText.name(of: $0, in: bytes, equals: "message") }
    isOnlyMessage = document.members.count == 1 && member != nil
    message = member.flatMap { member in
      guard member.value.kind == .string else { return nil }
      return JSONText.string(member.value.withoutQuotes, in: bytes)
    }
  }

  /// Sent with status 200 while migrations run.
  ///
  /// An answer that is JSON may quote an event that says so.
  var isStartingUp: Bool { !isJSON && (message?.hasPrefix("n8n is starting up") ?? false) }

  /// Empty, with a type that cannot be empty: n8n 1.x answers like this if a workflow fails before its Respond node,
  /// and both major versions if that node is never reached.
  var isEmptyJSON: Bool {
    let type = answer.header("content-type")?.split(separator: ";").first?.lowercased().filter { $0 != " " } ?? ""
    let saysJSON = type == "application/json" || type.hasSuffix("+json")
    return saysJSON && answer.body.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  /// Express answers like this, with status 404, for every path before n8n has registered its own.
  var isBeforeRoutes: Bool {
    guard !isJSON, let message, answer.status == 404 else { return false }
    return message.contains("Cannot POST /") || message.contains("Cannot OPTIONS /")
  }

  /// n8n says these if a node fails, if the body is larger than it accepts, and if the workflow runs longer than
  /// allowed.
  var mayBeAboutOneEvent: Bool {
    guard let message else { return false }
    return message == "Error in workflow" || message.hasPrefix("There was a problem executing the workflow")
      || message.hasPrefix("The execution was cancelled because it timed out")
  }

  /// What is wrong in the workflow's settings, if this is one of the answers that say so, whatever its status.
  var configurationTrouble: Trouble? {
    guard let message else { return nil }
    let status = Message.Value.integer(answer.status)
    if message.contains("No authentication data defined on node") {
      return trouble(.noCredential, ["status": status])
    }
    if message.contains("Workflow could not be started") { return trouble(.cannotStart, ["status": status]) }
    if message.contains("No Respond to Webhook node found") || message.contains("Unused Respond to Webhook node found")
    {
      return trouble(.whoAnswers, ["status": status, "said": quotable])
    }
    if message.contains("No item to return was found") {
      return trouble(.nothingPutOut, ["status": status, "said": quotable])
    }
    // The wording of n8n 2 and 1.
    if message.contains("IP is not allowed to access the webhook")
      || message.contains("IP is not whitelisted to access the webhook")
    {
      return trouble(.notAllowed, ["status": status])
    }
    let isOfNode =
      message.hasPrefix("Node \"") && message.contains("uses invalid credential")
      || message.hasPrefix("Unrecognized node type")
    if isOfNode || hasCodeZero && [400, 409, 422].contains(answer.status) {
      return trouble(.cannotRun, ["status": status, "said": quotable])
    }
    return nil
  }

  var trouble404: Trouble {
    if message?.contains("not registered for") ?? false { return trouble(.notForPOST) }
    if message?.contains("is not registered") ?? false { return Self.notRegistered(response: excerpt) }
    return trouble(.nothingThere)
  }

  /// Whether no workflow accepts calls at this path now; n8n also answers `OPTIONS` like this if the address is a test
  /// URL.
  var isNotRegistered: Bool { answer.status == 404 && isJSON && message?.hasSuffix("is not registered.") ?? false }

  /// No active workflow has this path.
  static func notRegistered(response: String?) -> Trouble {
    Trouble(Message(WebhookMessage.inactive), httpStatus: 404, response: response)
  }

  func trouble(
    _ code: WebhookMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]
  ) -> Trouble {
    Trouble(Message(code, arguments), httpStatus: answer.status, response: excerpt)
  }

  /// That n8n is starting up.
  var start: Trouble {
    Trouble(Message(WebhookMessage.startingUp), httpStatus: answer.status, response: excerpt, isStart: true)
  }

  /// The beginning of the body, to be quoted; empty if there is none.
  var begun: String { excerpt.map { String($0.prefix(120)) } ?? "" }

  /// What it says, to be quoted; empty if it says nothing short.
  var quotable: Message.Value {
    guard let message, !message.isEmpty, message.utf8.count <= 200 else { return .text("") }
    return .text(mask.applied(to: message))
  }

  /// The body's first 2 KiB; secrets are removed before it is cut, so that no half of one remains.
  package var excerpt: String? {
    answer.body.isEmpty ? nil : Self.readable(mask.applied(to: answer.body, limit: 2048).prefix(2048))
  }

  /// The bytes as text, with invalid ones replaced and without surrounding white space.
  private static func readable(_ bytes: ArraySlice<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      scalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    let text = String(scalars)
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }
}
