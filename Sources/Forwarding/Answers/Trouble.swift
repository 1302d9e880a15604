/// What is wrong with the forwarding, as it is told to people: in the log, in the status and in sidecars.
package struct Trouble: Hashable, Sendable {
  /// What happened, as one clause without a full stop.
  package var summary: String
  /// What a person can do about it, as one clause; nil where there is nothing to do but wait.
  package var hint: String?
  package var httpStatus: Int?
  /// The beginning of the answer's body.
  package var response: String?
  /// Whether n8n is starting up, which ends by itself within a minute.
  package var isStart: Bool

  package init(
    _ summary: String, hint: String? = nil, httpStatus: Int? = nil, response: String? = nil, isStart: Bool = false
  ) {
    self.summary = summary
    self.hint = hint
    self.httpStatus = httpStatus
    self.response = response
    self.isStart = isStart
  }
}

extension Trouble: CustomStringConvertible {
  package var description: String { hint.map { "\(summary); \($0)" } ?? summary }
}
