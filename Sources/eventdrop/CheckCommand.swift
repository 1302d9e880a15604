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
      Creates no folder, and leaves no file. Settings that are valid but hardly intended are warnings on standard error. \
      Exit codes: 0; 78 if the configuration is invalid or names a folder that cannot be used, or, with --strict, if there \
      are warnings; with --send, 1 if the webhook does not accept the event.
      """)

  @OptionGroup var file: ConfigurationOption

  @Option(
    help: ArgumentHelp(
      "A file of variables in addition to the environment, as systemd reads it (EnvironmentFile=).",
      valueName: "file"))
  var envFile: String?

  @Flag(help: "Treat warnings as mistakes: exit code 78.")
  var strict = false

  @Flag(help: "Send one test event to the webhook; nothing is stored here.")
  var send = false

  func run() async throws {
    let source = ConfigurationFile(file.config, environmentFile: envFile)
    let configuration: Configuration
    do {
      configuration = try source.load()
    } catch {
      throw CommandFailure(error)
    }
    let files = configuration.patientFiles(asksInboxes: true)
    let findings = await Check.run(configuration, files, sendsTestEvent: send)
    let language = configuration.language
    func text(_ finding: Check.Finding) -> String { finding.message.sentence(in: language) }
    func problems(_ verdict: Check.Finding.Verdict) -> [Problem] {
      findings.filter { $0.verdict == verdict }.map { configuration.problem(at: $0.key, $0.message) }
    }
    let warnings = Check.warnings(configuration, files, at: SystemClock().now()) + problems(.warning) + problems(.away)
    let wrong = problems(.wrong) + (strict ? warnings : [])
    func line(_ problem: Problem, _ text: String) -> String {
      LogText.escaped("\(source.name):\(problem.line):\(problem.column): \(text)")
    }
    LineWriter.standardError.write(
      lines: (strict ? [] : warnings).map { problem in
        line(
          problem, Message(CheckMessage.warning, ["text": .text(problem.text(in: language))]).text(in: language))
      } + wrong.map { line($0, $0.text(in: language)) })
    if wrong.isEmpty {
      LineWriter.standardOutput.write(lines: [
        LogText.escaped(Message(CheckMessage.valid, ["file": .text(source.name)]).text(in: language))
      ])
    }
    for finding in findings where finding.verdict == .good {
      LineWriter.standardOutput.write(lines: ["ok     \(LogText.escaped(text(finding)))"])
    }
    guard wrong.isEmpty else { throw CommandFailure(.configuration, lines: []) }
    if let refused = findings.first(where: { $0.verdict == .refused }) {
      throw CommandFailure(.unfinished, text(refused))
    }
  }
}
