internal import ArgumentParser
internal import Daemon
internal import Operations
internal import Settings
internal import Time

/// `eventdrop sink`: a stand-in for the n8n webhook.
struct SinkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sink",
    abstract: "A stand-in for the n8n webhook: prints what it receives, and answers as configured.",
    discussion: """
      Answers of --as:
      \(SinkPreset.allCases.map { "  \($0.rawValue): \($0.situation)" }.joined(separator: "\n"))
      """)

  @Option(help: ArgumentHelp("Where to listen, on loopback; port 0 is any that is free.", valueName: "address"))
  var listen = SinkAddress.standard.description

  @Option(help: ArgumentHelp("The HTTP status to answer, 200 to 599.", valueName: "code"))
  var status: Int?

  @Option(help: ArgumentHelp("The body to answer.", valueName: "text"))
  var body: String?

  @Option(
    name: .customLong("as"), help: ArgumentHelp("An answer that a real n8n gives; listed above.", valueName: "name"))
  var preset: String?

  @Flag(help: "Put 'stacktrace' into n8n's errors, as it does where its NODE_ENV is not 'production'.")
  var stacktrace = false

  @Flag(help: "Close the connection without an answer.")
  var drop = false

  @Option(help: ArgumentHelp("Put Retry-After into answers that are failures.", valueName: "seconds"))
  var retryAfter: Int?

  @Option(help: ArgumentHelp("Wait before each answer, as 2s or 500ms.", valueName: "duration"))
  var delay: String?

  @Option(
    help: ArgumentHelp(
      "Let the first requests fail (with 503, or the configured answer), and accept the later ones.", valueName: "n"))
  var failFirst: Int?

  @Option(
    help: ArgumentHelp(
      "Give the configured answer only to requests with this event, and accept all others; repeatable.",
      valueName: "eventId"))
  var onlyWith: [String] = []

  @Option(help: ArgumentHelp("Refuse this event: 400 alone, 422 among others; repeatable.", valueName: "eventId"))
  var reject: [String] = []

  @Flag(help: "Answer for each event by itself, as 'forward.acknowledge: results' wants it.")
  var results = false

  @Flag(help: "Print one JSON object a request.")
  var json = false

  @Flag(help: "Print nothing of the requests.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "A configuration, for its timezone; else the one that other commands find, or UTC.", valueName: "file"))
  var config: String?

  func validate() throws {
    _ = try sinkOptions()
  }

  func run() async throws {
    do {
      var options = try sinkOptions()
      options.timeZone = try timeZone()
      try await Sink(options).serveUntilSignal()
    } catch let error as SinkError {
      throw CommandFailure(.unfinished, error.description)
    }
  }

  /// The time zone in which times are printed.
  private func timeZone() throws(CommandFailure) -> TimeZoneRules {
    do {
      return try ConfigurationFile(config).load(.reading).timezone
    } catch {
      // The sink works without a configuration, but not with a named one that is invalid.
      guard config != nil else { return .utc }
      throw CommandFailure(error)
    }
  }

  /// The arguments, checked.
  ///
  /// - Throws: `ValidationError`, which says what to write instead.
  func sinkOptions() throws(ValidationError) -> SinkOptions {
    try refuseContradictions()
    var options = SinkOptions()
    do throws(SinkAddressError) {
      options.address = try SinkAddress(listen)
    } catch {
      throw ValidationError("--listen: \(error)")
    }
    if let status {
      // A 1xx is not a final answer (RFC 9110, section 15.2).
      guard (200...599).contains(status) else { throw ValidationError("--status: write a number from 200 to 599") }
      options.status = status
    }
    if let preset {
      guard let known = SinkPreset(rawValue: preset) else {
        let names = SinkPreset.allCases.map(\.rawValue)
        let nearest = names.min { editDistance(preset, $0) < editDistance(preset, $1) } ?? ""
        throw ValidationError("--as: there is no answer '\(preset)'; did you mean '\(nearest)'")
      }
      options.preset = known
    }
    if let delay {
      do throws(DurationError) {
        options.delay = try DurationText.parse(delay)
      } catch {
        throw ValidationError("--delay: \(error)")
      }
    }
    if let retryAfter, retryAfter < 0 { throw ValidationError("--retry-after: write seconds, 0 or more") }
    if let failFirst, failFirst < 0 { throw ValidationError("--fail-first: write how many requests, 0 or more") }
    options.body = body
    options.drops = drop
    options.hasStacktraces = stacktrace
    options.retryAfter = retryAfter
    options.failFirst = failFirst ?? 0
    options.onlyWith = Set(onlyWith)
    options.rejected = Set(reject)
    options.givesResults = results
    options.output = json ? .json : quiet ? .quiet : .text
    return options
  }

  private func refuseContradictions() throws(ValidationError) {
    func refuse(_ first: String, _ isFirst: Bool, _ second: String, _ isSecond: Bool) throws(ValidationError) {
      guard isFirst && isSecond else { return }
      throw ValidationError("\(first) and \(second) contradict each other; leave one of them out")
    }
    try refuse("--as", preset != nil, "--status", status != nil)
    try refuse("--as", preset != nil, "--body", body != nil)
    if stacktrace, preset == nil { throw ValidationError("--stacktrace: choose an answer of n8n, as --as n8n-no-item") }
    try refuse("--drop", drop, "--status", status != nil)
    try refuse("--drop", drop, "--body", body != nil)
    try refuse("--drop", drop, "--as", preset != nil)
    try refuse("--results", results, "--body", body != nil)
    try refuse("--json", json, "--quiet", quiet)
  }
}
