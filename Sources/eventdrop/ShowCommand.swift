internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Settings
internal import Time

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one event: its record, its way, and its acknowledgements.")

  @Argument(
    help: ArgumentHelp("The event's eventId, or the name of a file in retry/ or failed/.", valueName: "eventId"))
  var eventId: String

  @OptionGroup var file: ConfigurationOption

  @Flag(
    help: "For programs: one JSON object: eventId, status, event, record, forwards, failedAttempts, failures, pruned.")
  var json = false

  func run() async throws {
    let configuration = try file.load(.reading)
    let index: EventIndex
    let account: EventAccount?
    do throws(StorageError) {
      index = try EventIndex(configuration.store.layout, files: configuration.patientFiles(), passesOverUnread: true)
      let known = try index.event(EventID(eventId))
      account = if let known { known } else { try index.account(ofFile: eventId) }
    } catch {
      throw file.failure(error, in: configuration.language)
    }
    guard let account else {
      try file.requireWhole(index, in: configuration.language)
      let unknown = Message(
        CommandMessage.unknownEvent, ["eventId": .text(eventId), "command": .text(file.command("list"))])
      throw CommandFailure(.unfinished, unknown.text(in: configuration.language))
    }
    let lines =
      json
      ? [account.json(in: configuration.language).text]
      : account.lines(configuration, file).map(LogText.escaped)
    LineWriter.standardOutput.write(lines: lines)
    try file.requireWhole(index, in: configuration.language)
  }
}

extension EventAccount {
  fileprivate func lines(_ configuration: Configuration, _ file: ConfigurationOption) -> [String] {
    let name = eventId.text.isEmpty ? failures.first.map { LogText.text(of: $0.file) } ?? "" : eventId.text
    var lines = ["\(name): \(status)", ""]
    let language = configuration.language
    let times = steps(in: language, file).sorted { $0.0 < $1.0 }.map {
      ($0.0.rfc3339(in: configuration.timezone), $0.1)
    }
    for (time, what) in times { lines.append("  \(time)  \(what.text(in: language))") }
    if let listed, listed.status == .pending {
      let message =
        listed.attempts > 0
        ? Message(StatusMessage.wayWaitsLonger, ["attempts": .integer(listed.attempts)])
        : Message(StatusMessage.wayWaits)
      let indentation = String(repeating: " ", count: times.map(\.0.count).max() ?? 0)
      lines.append("  \(indentation)  \(message.text(in: language))")
    }
    if wasPruned { lines.append("  \(Message(StatusMessage.wayPruned).text(in: language))") }
    lines.append("")
    func place(_ label: CommandMessage, _ text: String) -> String {
      let labels = [CommandMessage.record, .file].map { Message($0).text(in: language) }
      let width = labels.map(TextWidth.columns).max() ?? 0
      return TextWidth.padded(Message(label).text(in: language), to: width + 2) + text
    }
    if let listed { lines.append(place(.record, "\(configuration.store.layout.processed)/\(listed.file)")) }
    for failure in failures {
      let folder = failure.status == .retry ? configuration.store.layout.retry : configuration.store.layout.failed
      let path = "\(folder)/\(LogText.text(of: failure.file))"
      lines.append(place(.file, "\(path)  (\(failure.report.failure.reason.rawValue))"))
    }
    if let record {
      lines += ["", String(decoding: record.last == 0x0A ? record.dropLast() : record[...], as: UTF8.self)]
    }
    return lines
  }

  /// What happened to it, and when, in no particular order.
  private func steps(in language: Language, _ file: ConfigurationOption) -> [(Timestamp, Message)] {
    var steps: [(Timestamp, Message)] = []
    if let listed {
      if let createdAt = listed.createdAt {
        steps.append((createdAt, Message(StatusMessage.wayRecorded, ["inbox": .text(listed.inbox)])))
      }
      let isShown = rewritings.contains { $0.time >= listed.updatedAt }
      if !isShown, listed.updatedAt != listed.createdAt || listed.createdAt == nil {
        steps.append((listed.updatedAt, Message(StatusMessage.wayRewritten)))
      }
    }
    for rewriting in rewritings {
      let message =
        rewriting.failedOf.map { Message(StatusMessage.wayBack, ["reason": .text($0.rawValue)]) }
        ?? Message(StatusMessage.wayAgain)
      steps.append((rewriting.time, message))
    }
    for forward in forwards {
      steps.append(
        (
          forward.forwardedAt,
          Message(
            StatusMessage.wayForwarded, ["status": .integer(forward.status), "batch": .text(forward.batchId)])
        ))
    }
    for attempt in attempts { steps.append((attempt.time, attempt.step)) }
    for failure in failures {
      let report = failure.report
      guard report.failure.reason != .noReport else {
        steps.append((report.lastFailedAt, report.failure.message))
        continue
      }
      if report.attempts > 1 { steps.append((report.firstFailedAt, Message(StatusMessage.wayFailedFirst))) }
      let failed = Message(
        StatusMessage.wayFailed,
        [
          "attempt": .integer(report.attempts), "reason": .text(report.failure.reason.rawValue),
          "why": .text(file.offering(report.failure.message.sentence(in: language))),
        ])
      steps.append((report.lastFailedAt, failed))
      if let next = report.nextAttemptAt { steps.append((next, Message(StatusMessage.wayNext))) }
    }
    return steps
  }
}

extension FailedAttempt {
  fileprivate var step: Message {
    guard let httpStatus else {
      return Message(StatusMessage.wayNoAnswer, ["batch": .text(batchId), "why": .message(message)])
    }
    return Message(
      StatusMessage.wayAttempt,
      [
        "status": .integer(httpStatus), "batch": .text(batchId), "why": .message(message),
        "response": .text(response ?? ""),
      ])
  }
}
