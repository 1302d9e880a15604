internal import ArgumentParser
internal import Daemon
internal import Events
internal import Logging
internal import Operations
internal import Settings
internal import Time

struct ReindexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex", abstract: "Build the catalog again from the tree; the daemon must not be running.")

  @OptionGroup var file: ConfigurationOption

  func run() async throws {
    let configuration = try file.load()
    let clock = SystemClock()
    let started = clock.uptime()
    let display = ProgressDisplay("reindexing", clock: clock)
    defer { display.finish() }
    var read = 0
    var total: Int?
    try Verifying.reindex(
      configuration, logger: ProgramLog().logger(configuration), begin: { total = $0 },
      didRead: { count in
        read += count
        display.show(done: read, of: total)
      })
    display.finish()
    let seconds = max((clock.uptime() - started) / .seconds(1), 0.001)
    let message = Message(
      CommandMessage.reindexed,
      [
        "records": .integer(read), "time": .text(DurationText.text(of: .milliseconds(Int(seconds * 1000)))),
        "rate": .integer(Int(Double(read) / seconds)),
      ])
    LineWriter.standardOutput.write(lines: [message.text(in: configuration.language)])
  }
}
