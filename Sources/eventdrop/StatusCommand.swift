internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Operations
internal import Schedules
internal import Settings

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what is where, and what happens next.",
    discussion: """
      The first line is the verdict: all is well, mends itself, or needs a person, and what to do. With --exit-code, the \
      exit code is 0, 1 or 2 accordingly.
      """)

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "For programs: one JSON object.")
  var json = false

  @Flag(help: "List the partitions and their sizes.")
  var partitions = false

  @Flag(help: "Exit with 0 where all is well, 1 where it mends itself, 2 where it needs a person.")
  var exitCode = false

  func run() async throws {
    let configuration = try file.load()
    var status: Status
    do throws(StoreError) {
      status = try Status(of: configuration, now: SystemClock().now())
      status.failureGroups = try EventIndex(configuration.storeOptions).failureGroups()
    } catch {
      throw CommandFailure(.unfinished, "\(error); \(error.advice)")
    }
    let output = LineWriter.standardOutput
    output.write(
      lines: json
        ? [status.json.text]
        : status.lines(in: configuration.timezone, width: output.terminalColumns, withPartitions: partitions))
    let code = status.verdict.exitCode
    if exitCode, code != 0 { throw ExitCode(code) }
  }
}

extension Status {
  /// For people: what stands in columns is cut to the terminal's width, sentences go on in lines of their own.
  fileprivate func lines(in zone: TimeZoneRules, width: Int?, withPartitions: Bool) -> [String] {
    // What comes from files may hold anything, also what terminals obey.
    let lines = lines(in: zone, withPartitions).map(LogText.escaped)
    guard let width else { return lines }
    return lines.enumerated().flatMap { number, line in
      let indentation =
        number == 0 ? 2 : line.hasPrefix(Self.sentence) ? Self.sentence.count : line.hasPrefix("circuit") ? 10 : nil
      return indentation.map { TextWidth.wrapped(line, to: width, indentation: $0) } ?? [TextWidth.cut(line, to: width)]
    }
  }

  /// What stands before a failure's message.
  private static let sentence = "    "

  private func lines(in zone: TimeZoneRules, _ withPartitions: Bool) -> [String] {
    var lines = [verdict.text, "", daemon.map { "running (process \($0))" } ?? "not running", ""]
    for inbox in inboxes { lines.append(row("inbox \(inbox.name)", inbox.waiting, "in \(inbox.path)")) }
    lines.append(
      row("pending", store?.pending ?? 0, store?.oldestPending.map { "the oldest since \($0.rfc3339(in: zone))" } ?? "")
    )
    lines.append(row("forwarded", store?.forwarded ?? 0, ""))
    lines.append(row("retry", retry, ""))
    lines.append(row("failed", failed, ""))
    // The daemon may have its URL from an environment that whoever asks has not.
    let noWebhook =
      isWebhookUnseen
      ? "not known here: forward.url names a variable or a file that only the daemon has"
      : circuit == nil ? "none: events are stored and wait as pending" : "not known here: only the daemon was given one"
    lines += ["", "webhook   " + (webhook ?? noWebhook)]
    if let circuit { lines.append("circuit   " + circuit.text(in: zone)) }
    lines += ["", "next"]
    for run in nextRuns {
      let time = run.time?.rfc3339(in: zone) ?? (run.isNever ? "never" : nil)
      lines.append("  \(padded(run.name, 20)) \(time.map { "\($0)  " } ?? "")\(run.schedule)")
    }
    if let store, !store.partitions.isEmpty {
      let records = store.partitions.reduce(0) { $0 + $1.records }
      let bytes = store.partitions.reduce(0) { $0 + $1.bytes }
      lines += [
        "",
        "partitions  \(store.partitions.count), \(CountText.text(records, "record")), \(SizeText.text(of: bytes))"
          + (withPartitions ? "" : " (--partitions lists them)"),
      ]
      for partition in store.partitions where withPartitions {
        lines.append(
          "  \(partition.date)  \(padded(CountText.text(partition.records, "record"), 18)) \(padded(SizeText.text(of: partition.bytes), 10))"
            + (partition.pending > 0 ? " \(partition.pending) pending" : ""))
      }
    }
    if let failureGroups, !failureGroups.isEmpty {
      lines += ["", "failed files, by reason and inbox"]
      for group in failureGroups {
        lines.append(
          "  \(padded("\(group.count)", 8)) \(padded("\(group.status.rawValue)/", 8)) \(padded(group.reason, 22))"
            + " \(group.inbox)  since \(group.oldest.rfc3339(in: zone, isBrief: true))")
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
    return "open" + (since.map { " since \($0.rfc3339(in: zone))" } ?? "") + (reason.map { ": \($0)" } ?? "")
  }
}
