internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import Events
internal import Logging
internal import Maintenance
internal import Operations
internal import Settings
internal import Time

struct PruneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove the partitions that are older than retention.keep.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "Prune also where that takes more than half of all partitions, or the clock seems to be ahead.")
  var yes = false

  @Flag(help: "Only list what would go.")
  var dryRun = false

  func run() async throws {
    let configuration = try file.load(dryRun ? .withoutForwarding : .pruning)
    let display = ProgressDisplay("pruning")
    defer { display.finish() }
    let report = try await Pruning.run(
      configuration, isConfirmed: yes, isRehearsal: dryRun, logger: ProgramLog().logger(configuration),
      report: { done, total in display.show(done: done, of: total) })
    display.finish()
    let language = configuration.language
    for date in report.pruned {
      let message = Message(
        dryRun ? ActionMessage.wouldPrune : .pruned, ["date": .text(date.description)])
      LineWriter.standardOutput.write(lines: [message.text(in: language)])
    }
    let kept = report.reasonsToStay
    for (date, why) in kept {
      let message = Message(ActionMessage.kept, ["date": .text(date.description), "why": .message(why)])
      LineWriter.standardOutput.write(lines: [message.sentence(in: language)])
    }
    if report.pruned.isEmpty, kept.isEmpty, report.refusal == nil {
      LineWriter.standardOutput.write(lines: [Message(ActionMessage.nothingOld).text(in: language)])
    }
    if let refusal = report.refusal {
      let message = Message(
        ActionMessage.nothingPruned, ["why": .message(refusal.cause(in: configuration.timezone))])
      throw CommandFailure(.unfinished, file.offering(message.sentence(in: language)))
    }
  }
}
