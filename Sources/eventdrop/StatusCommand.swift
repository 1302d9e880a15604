internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Settings
internal import Time

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what is where, and what happens next.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "For programs: one JSON object.")
  var json = false

  @Flag(help: "Show each partition.")
  var partitions = false

  @Flag(help: "Exit with 0 where all is well, 1 where it mends itself, 2 where a person is needed.")
  var exitCode = false

  func run() async throws {
    let configuration = try file.load(.reading)
    do {
      let status = try await Status.look(
        configuration, configuration.storeOptions, by: SystemClock(), claims: Claims(configuration),
        lastLook: LastLooks.read(configuration))
      let output = LineWriter.standardOutput
      if json {
        output.write(lines: [status.json.text])
      } else {
        output.write(
          lines: status.lines(
            in: configuration.timezone, width: output.terminalColumns, withPartitions: partitions, file))
      }
      if exitCode, status.verdict.state != .well {
        throw ExitCode(status.verdict.state == .mendsItself ? 1 : 2)
      }
    } catch let error as StatusError {
      throw CommandFailure(.unfinished, file.offering(error.text(in: configuration.messageLanguage)))
    }
  }
}

extension Status {
  /// For people: what stands in columns is cut to the terminal's width, sentences go on in lines of their own.
  fileprivate func lines(
    in zone: TimeZoneRules, width: Int?, withPartitions: Bool, _ file: ConfigurationOption
  ) -> [String] {
    // What comes from files may hold anything, also what terminals obey.
    let lines = lines(in: zone, withPartitions: withPartitions, file).map(LogText.escaped)
    guard let width else { return lines }
    return lines.flatMap { line in
      let indentation =
        line.hasPrefix(Self.sentence)
        ? Self.sentence.count : line.hasPrefix("circuit") ? 10 : line == lines.first ? 2 : nil
      return indentation.map { TextWidth.wrapped(line, to: width, indentation: $0) } ?? [TextWidth.cut(line, to: width)]
    }
  }

  /// What stands before a failure's message.
  private static let sentence = "    "
  /// How many files of a cause are told by themselves.
  private static let shownExamples = 5

  private func lines(
    in zone: TimeZoneRules, withPartitions: Bool, _ file: ConfigurationOption
  ) -> [String] {
    var lines = [file.offering(verdictLine(in: zone)), daemon.map { "running (process \($0))" } ?? "not running", ""]
    for item in verdict.items.dropFirst() {
      lines.append(
        "\(Self.sentence)\(item.state.message.text(in: language)): \(file.offering(item.line(in: zone, language)))")
    }
    if verdict.items.count > 1 { lines.append("") }
    for inbox in inboxes {
      let last = inbox.lastArrival.map { ", the last arrival at \($0.rfc3339(in: zone))" } ?? ""
      lines.append(row("inbox \(inbox.name)", inbox.waiting, "in \(inbox.path)\(last)"))
      for group in inbox.groups {
        let files = CountText.text(group.count, group.reason == "sub-folder" ? "folder" : "file")
        lines.append(
          "\(Self.sentence)\(group.reason): \(files), \(group.text.text(in: language)); the oldest is \(group.name), since"
            + " \(group.oldest.rfc3339(in: zone))\(group.advice.map { "; \($0.text(in: language))" } ?? "")")
      }
    }
    lines.append(
      row("pending", store?.pending ?? 0, store?.oldestPending.map { "the oldest since \($0.rfc3339(in: zone))" } ?? "")
    )
    if let missing = store?.missing, missing > 0 {
      lines.append(row("missing", missing, "pending, and their records are not there"))
    }
    lines.append(
      row(
        "forwarded", store?.forwarded ?? 0,
        lastAcknowledged.map { "the last acknowledged at \($0.rfc3339(in: zone))" } ?? ""))
    lines.append(row("retry", retry, ""))
    lines.append(row("failed", failed, ""))
    lines.append(
      row("claimed", claimed, claimed == 0 ? "" : ClaimedGroup.end(isRunning: daemon != nil).text(in: language)))
    for group in claims {
      lines.append(
        "\(Self.sentence)from \(group.origin): \(CountText.text(group.count, "file")); the first is \(group.name), since"
          + " \(group.oldest.rfc3339(in: zone))")
    }
    // The daemon may have its URL from an environment that whoever asks has not.
    let noWebhook =
      isWebhookUnseen
      ? "not known here: forward.url names a variable or a file that only the daemon has"
      : circuit == nil ? "none: events are stored and wait as pending" : "not known here: only the daemon was given one"
    lines += ["", "webhook   " + (webhook ?? noWebhook)]
    if let circuit { lines.append("circuit   " + circuit.text(in: zone, language)) }
    lines += ["", "next"]
    for run in nextRuns {
      let time = run.time?.rfc3339(in: zone) ?? (run.isNever ? "never" : nil)
      lines.append("  \(padded(run.name, 20)) \(time.map { "\($0)  " } ?? "")\(run.schedule)")
    }
    if let store, !store.partitions.isEmpty {
      let records = store.partitions.reduce(0) { $0 + $1.records }
      let bytes = store.partitions.reduce(0) { $0 + $1.bytes }
      lines += [
        "", "partitions  \(store.partitions.count), \(CountText.text(records, "record")), \(SizeText.text(of: bytes))",
      ]
      for partition in withPartitions ? store.partitions : [] {
        lines.append(
          "  \(partition.date)  \(padded(CountText.text(partition.records, "record"), 18)) \(padded(SizeText.text(of: partition.bytes), 10))"
            + (partition.pending > 0 ? " \(partition.pending) pending" : ""))
      }
    }
    if !groups.isEmpty {
      lines += ["", "failures"]
      for group in groups {
        let inbox = group.inbox.isEmpty ? "" : ", inbox \(group.inbox)"
        let newest = group.newest.map { ", the latest at \($0.rfc3339(in: zone))" } ?? ""
        lines.append(
          "  \(group.status.rawValue)  \(group.reason)  \(CountText.text(group.count, "file"))\(inbox)\(newest)")
        for example in group.examples.prefix(Self.shownExamples) {
          let message = example.message?.sentence(in: language) ?? ""
          lines.append("\(Self.sentence)\(group.status.rawValue)/\(example.fileText): \(file.offering(message))")
        }
        for name in group.names.prefix(Self.shownExamples) {
          lines.append(
            "\(Self.sentence)\(group.status.rawValue)/\(name): \(Message(StatusMessage.noReport).text(in: language))")
        }
        let left = group.count - min(group.examples.count + group.names.count, Self.shownExamples)
        if left > 0 {
          // What has no report is in no list of events.
          let isListed = group.names.isEmpty
          let inbox = group.inbox.isEmpty ? "" : " --inbox \(ShellWord.quoted(group.inbox))"
          let options = "--status \(group.status.rawValue) --reason \(ShellWord.quoted(group.reason))\(inbox)"
          lines.append(
            "\(Self.sentence)and \(left) more"
              + (isListed ? ": \(file.command("list", nil, options))" : " in that folder")
          )
        }
      }
    }
    return lines
  }

  private func row(_ name: String, _ count: Int?, _ detail: String) -> String {
    let number = count.map(String.init) ?? "unknown"
    let line = "\(padded(name, 20)) \(String(repeating: " ", count: max(0, 10 - number.count)))\(number)  \(detail)"
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - TextWidth.columns(of: text)))
  }
}

extension CircuitState {
  fileprivate func text(in zone: TimeZoneRules, _ language: Language) -> String {
    let why = reason.map { ": \($0.sentence(in: language))" } ?? ""
    if let silentUntil { return "closed; nothing is sent until \(silentUntil.rfc3339(in: zone))\(why)" }
    if let nextAttempt { return "closed; next attempt \(nextAttempt.rfc3339(in: zone))\(why)" }
    guard isOpen else { return "closed" }
    let start = since.map { " since \($0.rfc3339(in: zone))" } ?? ""
    let next = nextProbe.map { ", next probe \($0.rfc3339(in: zone))" } ?? ""
    return "open\(start)\(next)\(why)"
  }
}
