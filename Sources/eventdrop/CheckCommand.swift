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
