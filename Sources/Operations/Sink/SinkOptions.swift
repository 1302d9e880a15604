package import Time

/// How the sink behaves.
package struct SinkOptions: Sendable {
  /// What the sink prints of a request.
  package enum Output: Sendable {
    case text, json, quiet
  }

  package var address = SinkAddress.standard
  /// The status of an answer unless another option applies; 200 to 599.
  package var status = 200
  /// A body instead of n8n's.
  package var body: String?
  /// Instead of status and body.
  package var preset: SinkPreset?
  /// Whether n8n's errors have what it adds if its `NODE_ENV` is not `production`.
  package var hasStacktraces = false
  /// Whether connections are closed without an answer.
  package var drops = false
  /// For `Retry-After` of failures, in seconds.
  package var retryAfter: Int?
  /// How long each answer is delayed.
  package var delay = Duration.zero
  /// The first requests, this many, are answered with a failure; later ones are accepted.
  package var failFirst = 0
  /// If not empty, only requests with one of these eventIds get the configured answer, and the others are accepted.
  package var onlyWith: Set<String> = []
  /// The eventIds that are refused.
  package var rejected: Set<String> = []
  /// Whether the answer has a result for each event.
  package var givesResults = false
  package var output = Output.text
  /// The time zone of printed times.
  package var timeZone = TimeZoneRules.utc
  /// Bodies with more bytes are answered with 413.
  package var bodyLimit = 64 << 20

  package init() {}
}
