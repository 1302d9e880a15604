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
  /// Whether it is an object with `"code": 0`, by which n8n tells of itself rather than of the request.
  private let hasCodeZero: Bool

  package init(_ answer: HTTPAnswer, mask: SecretMask = .nothing) {
    self.answer = answer
    self.mask = mask
    var document = JSONDocument()
    let bytes = answer.body.span
    // An answer can be large, and what n8n says itself never is.
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

  /// Express says so of each path before n8n has put its own in place, with status 404.
  var isBeforeRoutes: Bool {
    guard !isJSON, let message, answer.status == 404 else { return false }
    return message.contains("Cannot POST /") || message.contains("Cannot OPTIONS /")
  }

  /// These come when a node fails, and when the body is larger than n8n takes.
  var mayBeAboutOneEvent: Bool {
    message == "Error in workflow" || (message?.hasPrefix("There was a problem executing the workflow") ?? false)
  }

  /// What is wrong in the workflow's settings, where this is one of the answers that say so, under whatever status.
  var configurationTrouble: Trouble? {
    guard let message else { return nil }
    let status = answer.status
    if message.contains("No authentication data defined on node") {
      return trouble(
        "the Webhook node has no credential (\(status))",
        hint: "choose one in the node, or set its authentication to none")
    }
    if message.contains("Workflow could not be started") {
      return trouble(
        "n8n cannot start the workflow (\(status))", hint: "open the workflow in n8n and mend its Webhook node")
    }
    if message.contains("No Respond to Webhook node found") || message.contains("Unused Respond to Webhook node found")
    {
      return trouble(
        "the workflow and its Webhook node do not agree on who answers (\(status)\(quoted))",
        hint: "set the node's Respond to 'Using Respond to Webhook Node' and let the workflow reach such a node, or to"
          + " another way and take that node out")
    }
    if message.contains("No item to return was found") {
      return trouble(
        "the workflow has run, and its last node has put nothing out (\(status)\(quoted))",
        hint: "set the Webhook node's Respond to 'Immediately', or let the last node put something out")
    }
    if message.contains("IP is not allowed to access the webhook") {
      return trouble(
        "the Webhook node takes nothing from this machine's address (\(status))",
        hint: "add the address to the node's 'IP(s) Allowlist'")
    }
    if hasCodeZero, status == 400 {
      return trouble(
        "n8n cannot run the workflow as it is set up (\(status)\(quoted))",
        hint: "open the workflow in n8n, and choose the credentials and node types that it names")
    }
    return nil
  }

  var trouble404: Trouble {
    if message?.contains("not registered for") ?? false {
      return trouble("the webhook is not registered for POST (404)", hint: "set the Webhook node's HTTP method to POST")
    }
    if message?.contains("is not registered") ?? false {
      return Self.notRegistered(response: excerpt)
    }
    return troubleOfAddress
  }

  /// No active workflow has this path.
  static func notRegistered(response: String?) -> Trouble {
    Trouble(
      "n8n has no active webhook at this path (404)",
      hint: "activate the workflow, and compare 'forward.url' with the Webhook node's production URL", httpStatus: 404,
      response: response)
  }

  /// Of an address at which nothing is.
  var troubleOfAddress: Trouble {
    trouble(
      "nothing answers at this address (404)", hint: "compare 'forward.url' with the Webhook node's production URL")
  }

  private func trouble(_ summary: String, hint: String) -> Trouble {
    Trouble(summary, hint: hint, httpStatus: answer.status, response: excerpt)
  }

  /// That n8n is starting up.
  var start: Trouble {
    Trouble("n8n is starting up", httpStatus: answer.status, response: excerpt, isStart: true)
  }

  /// The beginning of the body, to be put behind what is wrong with it; empty where there is none.
  var begun: String {
    guard let excerpt, !excerpt.isEmpty else { return "" }
    return ": '\(excerpt.prefix(120))'"
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
