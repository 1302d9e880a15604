internal import ArgumentParser
internal import Daemon

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check the configuration, and try what it names.")

  @OptionGroup var file: ConfigurationOption

  func run() async throws {
    let configuration = try file.load()
    print("\(file.config): valid")
    let findings = await Check.run(configuration)
    for finding in findings { print("\(finding.isGood ? "ok     " : "wrong  ")\(finding.text)") }
    if findings.contains(where: { !$0.isGood }) { throw CommandFailure.told }
  }
}
