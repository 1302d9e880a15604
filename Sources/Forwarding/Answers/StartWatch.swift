internal import Events
internal import Time

/// Distinguishes a start of n8n from what only a person can fix.
///
/// n8n gives these answers one after the other until it is ready, in 5 to 15 s: none; a 200 that says so; Express's
/// 404; its own 404 for a workflow that is not active yet. The last two are also the answers for a wrong address and
/// for an inactive workflow.
package struct StartWatch: Sendable {
  /// Nothing is reported as a start for longer.
  package static let length = Duration.seconds(60)

  /// When the webhook was last seen to be down or starting.
  private var lastSign: Duration?
  /// When it first said that it was starting, or first answered as if it were.
  private var began: Duration?

  package init() {}

  /// Decides whether an answer is reported as a start.
  ///
  /// - Parameters:
  ///   - answer: What the answer means by itself.
  ///   - now: The time on the monotonic clock.
  /// - Returns: What it means, given those before it.
  package mutating func take(_ answer: AnswerClass, at now: Duration) -> AnswerClass {
    switch answer {
    case .acknowledged, .results, .refused, .suspicious, .unanswered:
      self = StartWatch()
      return answer
    case .transient(var trouble, let retryAfter):
      // Nothing is listening, or a gateway says so.
      if !trouble.isStart {
        if trouble.httpStatus == nil || trouble.httpStatus == 502 || trouble.httpStatus == 503 { lastSign = now }
        return answer
      }
      let isInTime = isInTime(at: now)
      if trouble.httpStatus != 404 { lastSign = now }
      if isInTime { return answer }
      trouble.isStart = false
      guard trouble.httpStatus == 404 else { return .transient(trouble, retryAfter: retryAfter) }
      trouble.message = Message(WebhookMessage.nothingThere)
      return .endpoint(trouble)
    case .endpoint(let trouble):
      guard trouble.httpStatus == 404, let lastSign, now - lastSign < Self.length, isInTime(at: now) else {
        return answer
      }
      return .endpoint(
        Trouble(Message(WebhookMessage.startingUp), httpStatus: 404, response: trouble.response, isStart: true))
    }
  }

  private mutating func isInTime(at now: Duration) -> Bool {
    let first = began ?? now
    began = first
    return now - first < Self.length
  }
}
