/// Why the webhook is considered unable to accept anything, and what was known about that.
package struct Fault: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Nothing was sent whole: it says nothing about the content.
    case unreached
    /// There was an answer, which may be about the content.
    case answered
    /// The whole request was sent, and may still be processed.
    case unanswered
    /// Everything that was sent alone was refused.
    case refused
  }

  package var trouble: Trouble
  package var kind: Kind
  package var retryAfter: Duration?
  /// Whether it usually ends by itself.
  package var mendsItself: Bool

  package init(_ trouble: Trouble, _ kind: Kind, retryAfter: Duration? = nil, mendsItself: Bool = false) {
    self.trouble = trouble
    self.kind = kind
    self.retryAfter = retryAfter
    self.mendsItself = mendsItself
  }

  /// What an answer is if it is about the endpoint; nil if it acknowledges, or has a result for each event.
  package init?(_ answer: AnswerClass) {
    switch answer {
    case .acknowledged, .results: return nil
    case .transient(let trouble, let retryAfter):
      self.init(
        trouble, trouble.httpStatus == nil ? .unreached : .answered, retryAfter: retryAfter, mendsItself: true)
    case .unanswered(let trouble): self.init(trouble, .unanswered, mendsItself: true)
    case .suspicious(let trouble): self.init(trouble, .answered, mendsItself: true)
    case .endpoint(let trouble):
      self.init(trouble, trouble.httpStatus == nil ? .unreached : .answered, mendsItself: trouble.isStart)
    case .refused(let trouble): self.init(trouble, .refused)
    }
  }
}
