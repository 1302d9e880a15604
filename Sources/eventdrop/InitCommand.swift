internal import ArgumentParser
internal import Daemon
internal import Operations

extension Setup.Kind: ExpressibleByArgument {}

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a short config.yaml, and create the folders that it names.",
    discussion: "An existing file is left unchanged, and the exit code is 1.")

  @Option(
    help: ArgumentHelp(
      "The file to write; by default config.yaml here, or with --systemd /etc/eventdrop/config.yaml.", valueName: "file"
    ))
  var config: String?

  @Option(help: ArgumentHelp("The folder that other systems drop their files into.", valueName: "folder"))
  var inbox: String?

  @Option(help: ArgumentHelp("The webhook's address.", valueName: "address"))
  var url: String?

  @Option(name: .customLong("for"), help: ArgumentHelp("The system whose events they are."))
  var kind: Setup.Kind?

  @Flag(help: "For the systemd unit: /etc/eventdrop/config.yaml, and folders below /var/lib/eventdrop.")
  var systemd = false

  func run() async throws {
    do throws(Setup.Failure) {
      let setup = Setup(file: config, inbox: inbox, url: url, kind: kind, isSystemd: systemd)
      LineWriter.standardOutput.write(lines: try setup.run().map(LogText.escaped))
    } catch {
      switch error {
      case .isThere(let file):
        throw CommandFailure(.unfinished, "\(file) already exists; edit it, or name another file with --config")
      case .invalid(let why): throw CommandFailure(.usage, "\(why); see --help")
      case .unwritable(let why): throw CommandFailure(.unfinished, why)
      }
    }
  }
}
