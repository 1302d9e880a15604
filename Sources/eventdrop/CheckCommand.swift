internal import ArgumentParser
internal import Daemon
internal import Events
internal import Operations
internal import Settings
internal import Time

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check the configuration, and try what it names.",
    discussion: """
      Makes no folder, and leaves no file. What is valid and hardly meant is a warning on standard error. Exit codes: 0; \
      78 where the configuration is wrong or names a folder that cannot be used, or with --strict where there are \
      warnings; with --send, 1 where the webhook does not take the event.
      """)

  @OptionGroup var file: ConfigurationOption

  @Option(
    help: ArgumentHelp(
      "Variables that come to those of the environment, in a file as systemd reads it (EnvironmentFile=).",
      valueName: "file"))
  var envFile: String?

  @Flag(help: "Take warnings for mistakes: exit code 78.")
  var strict = false

  @Flag(help: "Send one test event to the webhook; it is stored nowhere here.")
  var send = false

  func run() async throws {
    let source = ConfigurationFile(file.config, environmentFile: envFile)
    let configuration: Configuration
    do {
      configuration = try source.load()
    } catch {
      throw CommandFailure(error)
    }
    let findings = await Check.run(configuration, sendsTestEvent: send)
    func text(_ finding: Check.Finding) -> String { finding.message.sentence(in: configuration.language) }
    func problems(_ verdict: Check.Finding.Verdict) -> [Problem] {
      findings.filter { $0.verdict == verdict }.map { configuration.problem(at: $0.key, text($0)) }
    }
    let warnings = Check.warnings(configuration, at: SystemClock().now()) + problems(.warning) + problems(.away)
    let wrong = problems(.wrong) + (strict ? warnings : [])
    LineWriter.standardError.write(
      lines: (strict ? [] : warnings).map { LogText.escaped(line($0, "warning: ", source)) }
        + wrong.map { LogText.escaped(line($0, "", source)) })
    if wrong.isEmpty { print("\(LogText.escaped(source.name)): valid") }
    if !configuration.keysWithoutEffect.isEmpty {
      print("note   without effect in this version: \(configuration.keysWithoutEffect.joined(separator: ", "))")
    }
    for finding in findings where finding.verdict == .good { print("ok     \(LogText.escaped(text(finding)))") }
    guard wrong.isEmpty else { throw CommandFailure(.configuration, lines: []) }
    if let refused = findings.first(where: { $0.verdict == .refused }) {
      throw CommandFailure(.unfinished, text(refused))
    }
  }

  private func line(_ problem: Problem, _ kind: String, _ source: ConfigurationFile) -> String {
    "\(source.name):\(problem.line):\(problem.column): \(kind)\(problem.message)"
  }
}
