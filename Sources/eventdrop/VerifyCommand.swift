internal import ArgumentParser
internal import Daemon
internal import Events
internal import Logging
internal import Maintenance
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

  @Flag(help: "Compare with the identities that several machines share, too; the daemon should have nothing to store.")
  var fleet = false

  @Flag(help: "Print a JSON object for each finding (kind, path, message, mended), and one with the sums at the end.")
  var json = false

  func run() async throws {
    let configuration = try file.load(repair || forgetMissing ? .withoutForwarding : .reading)
    let display = ProgressDisplay("verifying")
    defer { display.finish() }
    var read = 0
    let (isJSON, language) = (json, configuration.language)
    let fleet = try fleet ? file.load(.sharing).fleetOptions : nil
    let found = try Verifying.verify(
      configuration, fleet: fleet, isMending: repair, isForgettingMissing: forgetMissing,
      logger: ProgramLog().logger(configuration),
      report: { finding in
        guard !isJSON else { return display.print(finding.json(in: language).text) }
        let mended = finding.isMended ? Message(CommandMessage.mended).text(in: language) + " " : ""
        let text = file.offering(finding.message.text(in: language))
        display.print(mended + LogText.escaped("\(finding.path): \(text)"))
      },
      didRead: { count in
        read += count
        display.show(done: read, of: nil)
      })
    display.finish()
    let summary = found ?? VerificationSummary()
    if json {
      LineWriter.standardOutput.write(lines: [summary.json.text])
    } else {
      LineWriter.standardOutput.write(lines: [
        (found?.message(in: language) ?? Message(CommandMessage.nothingStored)).text(in: language)
      ])
    }
    if summary.findings > summary.mended { throw CommandFailure.reported }
  }
}

extension VerificationSummary {
  /// The findings, in one line.
  fileprivate func message(in language: Language) -> Message {
    let claimed =
      claimed == 0 ? "" : Message(CommandMessage.claimedCount, ["count": .integer(self.claimed)]).text(in: language)
    let (records, partitions) = (Message.Value.integer(records), Message.Value.integer(partitions))
    let acknowledgements = Message.Value.integer(acknowledgements)
    guard findings > 0 else {
      return Message(
        CommandMessage.verifiedWell,
        [
          "records": records, "partitions": partitions, "acknowledgements": acknowledgements, "claimed": .text(claimed),
        ])
    }
    return Message(
      CommandMessage.verified,
      [
        "records": records, "partitions": partitions, "acknowledgements": acknowledgements, "claimed": .text(claimed),
        "findings": .integer(findings), "mended": .text(mended > 0 ? "\(mended)" : ""),
      ])
  }
}
