internal import ExactJSON

/// What n8n says in the body of an answer, as its source has it.
package struct N8NAnswer {
  private let answer: HTTPAnswer
  private let mask: SecretMask
  /// The member `message` of a JSON object; else the text, where it is short.
  let message: String?
  /// Whether the body is an object with that one member.
  let isOnlyMessage: Bool
  private let isJSON: Bool

  package init(_ answer: HTTPAnswer, mask: SecretMask = .nothing) {
    self.answer = answer
    self.mask = mask
    var document = JSONDocument()
    let bytes = answer.body.span
    // An answer can be large, and what n8n says itself never is.
    guard answer.body.count <= 16_384, (try? document.scan(bytes, depthLimit: 64)) != nil else {
      isJSON = false
      isOnlyMessage = false
      message = answer.body.count <= 1024 ? Self.readable(answer.body[...]) : nil
      return
    }
    isJSON = true
    let member = document.members.first { JSONText.name(of: $0, in: bytes, equals: "message") }
    isOnlyMessage = document.members.count == 1 && member != nil
    message = member.flatMap { member in
      guard member.value.kind == .string else { return nil }
      return JSONText.string((member.value.range.lowerBound + 1)..<(member.value.range.upperBound - 1), in: bytes)
    }
  }

  /// Sent with status 200 while migrations run.
  ///
  /// An answer that is JSON may quote an event that says so.
  var isStartingUp: Bool { !isJSON && (message?.hasPrefix("n8n is starting up") ?? false) }

  /// Nothing, under a type that cannot be nothing: n8n 1.x answers so when a workflow fails before its Respond node, and
  /// both lines when that node is never reached.
  var isEmptyJSON: Bool {
    let type = answer.header("content-type")?.split(separator: ";").first?.lowercased().filter { $0 != " " } ?? ""
    let saysJSON = type == "application/json" || type.hasSuffix("+json")
    return saysJSON && answer.body.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  /// These come when a node fails, and when the body is larger than n8n takes.
  var mayBeAboutOneEvent: Bool {
    message == "Error in workflow" || (message?.hasPrefix("There was a problem executing the workflow") ?? false)
  }

  /// What is wrong in the workflow's settings, where this is one of the answers that say so.
  var configurationTrouble: Trouble? {
    guard let message else { return nil }
    if message.contains("No authentication data defined on node") {
      return trouble(
        "the Webhook node has no credential (500)", hint: "choose one in the node, or set its authentication to none")
    }
    if message.contains("Workflow could not be started") {
      return trouble("n8n cannot start the workflow (500)", hint: "open the workflow in n8n and mend its Webhook node")
    }
    return nil
  }

  var trouble404: Trouble {
    if message?.contains("not registered for") ?? false {
      return trouble("the webhook is not registered for POST (404)", hint: "set the Webhook node's HTTP method to POST")
    }
    if message?.contains("is not registered") ?? false {
      return trouble(
        "n8n has no active webhook at this path (404)",
        hint: "activate the workflow, and compare 'forward.url' with the Webhook node's production URL")
    }
    return trouble(
      "nothing answers at this address (404)", hint: "compare 'forward.url' with the Webhook node's production URL")
  }

  private func trouble(_ summary: String, hint: String) -> Trouble {
    Trouble(summary, hint: hint, httpStatus: answer.status, response: excerpt)
  }

  /// What it says, to be put behind a status; empty where it says nothing short.
  var quoted: String {
    guard let message, !message.isEmpty, message.utf8.count <= 200 else { return "" }
    return ", '\(mask.applied(to: message))'"
  }

  /// The body's first 2 KiB, secrets taken out before it is cut, so that no half of one stays.
  package var excerpt: String? {
    answer.body.isEmpty ? nil : Self.readable(mask.applied(to: answer.body, limit: 2048).prefix(2048))
  }

  /// Text with what is no text replaced, and without white space around it.
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
