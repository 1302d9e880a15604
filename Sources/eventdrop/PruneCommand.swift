internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Logging
internal import Settings

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
    for date in report.pruned { print("\(dryRun ? "would prune" : "pruned") \(date)") }
    let kept = report.reasonsToStay
    for (date, reason, advice) in kept { print("kept \(date): \(reason); \(advice)") }
    if report.pruned.isEmpty, kept.isEmpty, report.refusal == nil { print("nothing is old enough") }
    if let refusal = report.refusal {
      throw CommandFailure(
        .unfinished,
        file.offering("nothing was pruned: \(refusal.reason(in: configuration.timezone)); \(refusal.advice)"))
    }
  }
}
