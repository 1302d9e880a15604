internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Logging

struct PruneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove the partitions that are older than retention.keep.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "Prune also where that takes more than half of all partitions, or the clock seems to be ahead.")
  var yes = false

  @Flag(help: "Only list what would go.")
  var dryRun = false

  func run() async throws {
    let configuration = try file.load()
    let display = ProgressDisplay("pruning")
    defer { display.finish() }
    let report = try await Pruning.run(
      configuration, isConfirmed: yes, isRehearsal: dryRun, logger: ProgramLog().logger(configuration),
      report: { done, total in display.show(done: done, of: total) })
    display.finish()
    for date in report.pruned { print("\(dryRun ? "would prune" : "pruned") \(date)") }
    for (date, pending) in report.held.sorted(by: { $0.key < $1.key }) {
      print("kept \(date): \(pending) of its events are pending")
    }
    if report.pruned.isEmpty, report.held.isEmpty, report.refusal == nil { print("nothing is old enough") }
    if let refusal = report.refusal { throw CommandFailure(.unfinished, "nothing was pruned: \(refusal)") }
  }
}
