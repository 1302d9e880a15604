internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Operations
internal import Schedules
internal import Settings

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what is where, and what happens next.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "For programs: one JSON object.")
  var json = false

  func run() async throws {
    let configuration = try file.load()
    do throws(StoreError) {
      let status = try Status(of: configuration, now: SystemClock().now())
      let output = LineWriter.standardOutput
      guard !json else { return output.write(lines: [status.json.text]) }
      output.write(lines: status.lines(in: configuration.timezone, width: output.terminalColumns))
    } catch {
      throw CommandFailure(.unfinished, "\(error); \(error.advice)")
    }
  }
}

extension Status {
  /// For people: what stands in columns is cut to the terminal's width, sentences go on in lines of their own.
  fileprivate func lines(in zone: TimeZoneRules, width: Int?) -> [String] {
    // What comes from files may hold anything, also what terminals obey.
    let lines = lines(in: zone).map(LogText.escaped)
    guard let width else { return lines }
    return lines.flatMap { line in
      let indentation = line.hasPrefix(Self.sentence) ? Self.sentence.count : line.hasPrefix("circuit") ? 10 : nil
      return indentation.map { TextWidth.wrapped(line, to: width, indentation: $0) } ?? [TextWidth.cut(line, to: width)]
    }
  }

  /// What stands before a failure's message.
  private static let sentence = "    "

  private func lines(in zone: TimeZoneRules) -> [String] {
    var lines = [daemon.map { "running (process \($0))" } ?? "not running", ""]
    for inbox in inboxes { lines.append(row("inbox \(inbox.name)", inbox.waiting, "in \(inbox.path)")) }
    lines.append(
      row("pending", store?.pending ?? 0, store?.oldestPending.map { "the oldest since \($0.rfc3339(in: zone))" } ?? "")
    )
    lines.append(row("forwarded", store?.forwarded ?? 0, ""))
    lines.append(row("retry", retry, ""))
    lines.append(row("failed", failed, ""))
    // The daemon may have its URL from an environment that whoever asks has not.
    let noWebhook =
      circuit == nil ? "none: events are stored and wait as pending" : "not known here: only the daemon was given one"
    lines += ["", "webhook   " + (webhook ?? noWebhook)]
    if let circuit { lines.append("circuit   " + circuit.text(in: zone)) }
    lines += ["", "next"]
    for run in nextRuns {
      let time = run.time?.rfc3339(in: zone) ?? (run.isNever ? "never" : nil)
      lines.append("  \(padded(run.name, 20)) \(time.map { "\($0)  " } ?? "")\(run.schedule)")
    }
    if let store, !store.partitions.isEmpty {
      lines += ["", "partitions"]
      for partition in store.partitions {
        lines.append(
          "  \(partition.date)  \(padded("\(partition.records) records", 18)) \(padded(SizeText.text(of: partition.bytes), 10))"
            + (partition.pending > 0 ? " \(partition.pending) pending" : ""))
      }
    }
    if !failures.isEmpty {
      lines += ["", "last failures"]
      for failure in failures {
        lines.append(
          "  \(failure.lastFailedAt.rfc3339(in: zone))  \(failure.folder)/\(failure.file)  \(failure.reason)")
        lines.append("\(Self.sentence)\(failure.message)")
      }
    }
    return lines
  }

  private func row(_ name: String, _ count: Int, _ detail: String) -> String {
    let number = String(count)
    let line = "\(padded(name, 20)) \(String(repeating: " ", count: max(0, 10 - number.count)))\(number)  \(detail)"
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - TextWidth.columns(of: text)))
  }
}

extension CircuitState {
  fileprivate func text(in zone: TimeZoneRules) -> String {
    if let silentUntil {
      return "closed; nothing is sent until \(silentUntil.rfc3339(in: zone))" + (reason.map { ": \($0)" } ?? "")
    }
    guard isOpen else { return "closed" }
    return "open" + (since.map { " since \($0.rfc3339(in: zone))" } ?? "")
      + (nextProbe.map { ", next probe \($0.rfc3339(in: zone))" } ?? "") + (reason.map { ": \($0)" } ?? "")
  }
}
