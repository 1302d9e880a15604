internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Logging
internal import Operations
internal import Settings

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read every record, and compare tree, journals and catalog.",
    discussion: "Exit code 1 where something is wrong that has not been mended.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "Mend the catalog where it differs from the tree; the daemon must not be running.")
  var repair = false

  @Flag(help: "Let pending events go whose records are not there; the daemon may be running.")
  var forgetMissing = false

  @Flag(help: "Print a JSON object for each finding (kind, path, message, mended), and one with the sums at the end.")
  var json = false

  func run() async throws {
    let configuration = try file.load(repair || forgetMissing ? .withoutForwarding : .reading)
    let display = ProgressDisplay("verifying")
    defer { display.finish() }
    var read = 0
    let isJSON = json
    let found = try Verifying.verify(
      configuration, isMending: repair, isForgettingMissing: forgetMissing, logger: ProgramLog().logger(configuration),
      tell: { finding in
        display.print(
          isJSON
            ? finding.json.text
            : "\(finding.isMended ? "mended " : "")\(LogText.escaped("\(finding.path): \(file.offering(finding.message))"))"
        )
      },
      didRead: { count in
        read += count
        display.show(done: read, of: nil)
      })
    display.finish()
    let summary = found ?? VerificationSummary()
    if json {
      print(summary.json.text)
    } else if found == nil {
      print("nothing is stored yet")
    } else {
      let mended = summary.mended > 0 ? ", \(summary.mended) of which are mended" : ""
      print(
        "\(CountText.text(summary.records, "record")) in \(CountText.text(summary.partitions, "partition")), \(CountText.text(summary.acknowledgements, "acknowledgement"))"
          + (summary.claimed > 0 ? ", \(CountText.text(summary.claimed, "claimed file"))" : "") + ": "
          + (summary.findings == 0 ? "all is well" : "\(summary.findings) findings\(mended)"))
    }
    if summary.findings > summary.mended { throw CommandFailure.told }
  }
}
