package import Time

/// How the sink behaves.
package struct SinkOptions: Sendable {
  /// What the sink prints of a request.
  package enum Output: Sendable {
    case text, json, quiet
  }

  package var address = SinkAddress.standard
  /// What is answered to a request that nothing else here speaks against; 200 to 599.
  package var status = 200
  /// A body in place of n8n's.
  package var body: String?
  /// In place of status and body.
  package var preset: SinkPreset?
  /// Whether n8n's errors carry what it adds where its `NODE_ENV` is not `production`.
  package var hasStacktraces = false
  /// Whether connections are closed without an answer.
  package var drops = false
  /// For `Retry-After` of failures, in seconds.
  package var retryAfter: Int?
  /// How long each answer waits.
  package var delay = Duration.zero
  /// So many requests are answered with a failure, the later ones are taken.
  package var failFirst = 0
  /// Where it is not empty, only requests with one of these eventIds are answered as told, and the others are taken.
  package var onlyWith: Set<String> = []
  /// The eventIds that are refused.
  package var rejected: Set<String> = []
  /// Whether the answer tells what became of each event.
  package var givesResults = false
  package var output = Output.text
  /// By whose clocks times are printed.
  package var timeZone = TimeZoneRules.utc
  /// Bodies beyond so many bytes are answered 413.
  package var bodyLimit = 64 << 20

  package init() {}
}
