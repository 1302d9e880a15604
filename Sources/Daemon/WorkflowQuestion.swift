internal import Forwarding

/// Asks n8n about a workflow without running it.
///
/// n8n answers OPTIONS with an Origin by 204, with the methods that an active workflow takes at this path.
enum WorkflowQuestion {
  enum Answer {
    case takesEvents
    /// No active workflow has this path.
    case isMissing
    case takesOther(String)
  }

  /// - Returns: Nil where whoever answers has told nothing: no n8n, or a proxy that takes no such question.
  static func ask(_ exchange: any HTTPExchange) async -> Answer? {
    let request = WebhookRequest(
      headers: [WebhookRequest.Header("Origin", "http://eventdrop.invalid")], body: [], method: "OPTIONS")
    guard let answer = try? await exchange.send(request), answer.status == 204,
      let field = answer.header("Access-Control-Allow-Methods")
    else { return nil }
    let methods = field.split(whereSeparator: { $0 == "," || $0 == " " }).map { $0.uppercased() }
    guard methods.contains("OPTIONS") else { return nil }
    if methods.contains("POST") { return .takesEvents }
    let others = methods.filter { $0 != "OPTIONS" }
    return others.isEmpty ? .isMissing : .takesOther(others.joined(separator: ", "))
  }
}
