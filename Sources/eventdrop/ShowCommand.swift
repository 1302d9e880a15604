internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Schedules
internal import Settings

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
    let configuration = try file.load()
    let account: EventAccount?
    do throws(StoreError) {
      let index = try EventIndex(configuration.storeOptions)
      let known = try index.event(EventID(eventId))
      account = if let known { known } else { try index.account(ofFile: eventId) }
    } catch {
      throw CommandFailure(.unfinished, "\(error); \(error.advice)")
    }
    guard let account else {
      throw CommandFailure(
        .unfinished, "nothing is known of an event '\(eventId)'; eventdrop list shows which there are")
    }
    let lines = json ? [account.json.text] : account.lines(configuration).map(LogText.escaped)
    LineWriter.standardOutput.write(lines: lines)
  }
}

extension EventAccount {
  fileprivate func lines(_ configuration: Configuration) -> [String] {
    let name = eventId.text.isEmpty ? failures.first.map { LogText.text(of: $0.file) } ?? "" : eventId.text
    var lines = ["\(name): \(status)", ""]
    var steps: [(Timestamp, String)] = []
    if let listed {
      if let createdAt = listed.createdAt {
        steps.append((createdAt, "first recorded, from the inbox '\(listed.inbox)'"))
      }
      let isTold = rewritings.contains { $0.time >= listed.updatedAt }
      if !isTold, listed.updatedAt != listed.createdAt || listed.createdAt == nil {
        steps.append((listed.updatedAt, "recorded as it is now"))
      }
    }
    for rewriting in rewritings {
      let whence = rewriting.failedOf.map { ", back from retry (\($0.rawValue))" } ?? ": somebody moved or dropped it"
      steps.append((rewriting.time, "recorded again\(whence)"))
    }
    for forward in forwards {
      steps.append(
        (forward.forwardedAt, "acknowledged by the webhook (HTTP \(forward.status), batch \(forward.batchId))"))
    }
    for attempt in attempts {
      let answer = attempt.httpStatus.map { "HTTP \($0)" } ?? "no answer"
      let said = attempt.response.map { "; the answer: \($0)" } ?? ""
      steps.append((attempt.time, "not forwarded (\(answer), batch \(attempt.batchId)): \(attempt.message)\(said)"))
    }
    for failure in failures {
      let report = failure.report
      if report.attempts > 1 { steps.append((report.firstFailedAt, "failed for the first time")) }
      steps.append((report.lastFailedAt, "failed (attempt \(report.attempts)): \(report.failure.message)"))
      if let next = report.nextAttemptAt { steps.append((next, "is tried again")) }
    }
    let times = steps.sorted { $0.0 < $1.0 }.map { ($0.0.rfc3339(in: configuration.timezone), $0.1) }
    for (time, what) in times { lines.append("  \(time)  \(what)") }
    if let listed, listed.status == .pending {
      let attempts = listed.attempts > 0 ? ", \(CountText.text(listed.attempts, "attempt")) so far" : ""
      let indentation = String(repeating: " ", count: times.map(\.0.count).max() ?? 0)
      lines.append("  \(indentation)  waits for the webhook\(attempts)")
    }
    if wasPruned {
      lines.append("  its record was pruned; its identity is kept, so that a new drop of it is a duplicate")
    }
    lines.append("")
    if let listed { lines.append("record  \(configuration.folders.processed)/\(listed.file)") }
    for failure in failures {
      let folder = failure.status == .retry ? configuration.folders.retry : configuration.folders.failed
      lines.append(
        "file    \(folder)/\(LogText.text(of: failure.file))  (\(failure.report.failure.reason.rawValue))")
    }
    if let record {
      lines += ["", String(decoding: record.last == 0x0A ? record.dropLast() : record[...], as: UTF8.self)]
    }
    return lines
  }
}
