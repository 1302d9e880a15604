internal import ArgumentParser
internal import Catalog
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
        configuration, configuration.store.layout, by: SystemClock(),
        claims: Claims(configuration, files: configuration.patientFiles()),
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
      throw CommandFailure(.unfinished, file.offering(error.text(in: configuration.language)))
    }
  }
}

extension Status {
  /// For people: columns are cut to the terminal's width, sentences are wrapped.
  fileprivate func lines(
    in zone: TimeZoneRules, width: Int?, withPartitions: Bool, _ file: ConfigurationOption
  ) -> [String] {
    // Text from files may contain anything, including terminal control sequences.
    let lines = lines(in: zone, withPartitions: withPartitions, file).map(LogText.escaped)
    guard let width else { return lines }
    return lines.flatMap { line in
      let indentation =
        line.hasPrefix(Self.sentence)
        ? Self.sentence.count : line.hasPrefix("circuit") ? 10 : line == lines.first ? 2 : nil
      return indentation.map { TextWidth.wrapped(line, to: width, indentation: $0) } ?? [TextWidth.cut(line, to: width)]
    }
  }

  /// The indentation of a failure's message.
  private static let sentence = "    "
  /// How many files of a cause are listed individually.
  private static let shownExamples = 5

  private func lines(
    in zone: TimeZoneRules, withPartitions: Bool, _ file: ConfigurationOption
  ) -> [String] {
    let running = daemon.map { Message(CommandMessage.running, ["process": .text("\($0)")]) }
    var lines = [file.offering(verdictLine(in: zone)), said(running ?? Message(CommandMessage.notRunning)), ""]
    for item in verdict.items.dropFirst() {
      lines.append("\(Self.sentence)\(said(item.state.message)): \(file.offering(item.line(in: zone, language)))")
    }
    if verdict.items.count > 1 { lines.append("") }
    for inbox in inboxes { lines += self.lines(of: inbox, in: zone) }
    lines += countLines(in: zone)
    lines += ["", "webhook   " + (webhook ?? said(missingWebhook))]
    if let circuit { lines.append("circuit   " + said(circuit.message(in: zone, language))) }
    lines += ["", word(.next)]
    for run in nextRuns {
      let time = run.time?.rfc3339(in: zone) ?? (run.isNever ? word(.never) : nil)
      let name = TextWidth.padded(said(run.message), to: 20)
      lines.append("  \(name) \(time.map { "\($0)  " } ?? "")\(run.schedule)")
    }
    if let store, !store.partitions.isEmpty { lines += partitionLines(store.partitions, areShown: withPartitions) }
    if !groups.isEmpty { lines += ["", word(.failures)] + groups.flatMap { self.lines(of: $0, in: zone, file) } }
    return lines
  }

  private func said(_ message: Message) -> String { message.text(in: language) }
  private func word(_ message: CommandMessage) -> String { said(Message(message)) }

  /// Why no webhook is shown; the daemon's URL may come from an environment that the caller lacks.
  private var missingWebhook: Message {
    Message(
      isWebhookUnseen ? CommandMessage.webhookUnseen : circuit == nil ? .webhookMissing : .webhookOfDaemon)
  }

  private func lines(of inbox: InboxStatus, in zone: TimeZoneRules) -> [String] {
    let last = inbox.lastArrival?.rfc3339(in: zone) ?? ""
    let place = Message(CommandMessage.inboxPlace, ["path": .text(inbox.path), "last": .text(last)])
    let name = Message(CommandMessage.inbox, ["inbox": .text(inbox.name)])
    return [row(said(name), inbox.waiting, said(place))]
      + inbox.groups.map { group in
        Self.sentence
          + said(
            Message(
              group.reason == "sub-folder" ? CommandMessage.waitingFolders : .waitingFiles,
              [
                "reason": .text(group.reason), "count": .integer(group.count), "text": .message(group.text),
                "name": .text(group.name), "since": .text(group.oldest.rfc3339(in: zone)),
                "advice": .text(group.advice.map(said) ?? ""),
              ]))
      }
  }

  /// The number of events and files of each kind.
  private func countLines(in zone: TimeZoneRules) -> [String] {
    func at(_ time: Timestamp?, _ message: CommandMessage) -> String {
      time.map { said(Message(message, ["time": .text($0.rfc3339(in: zone))])) } ?? ""
    }
    var lines = [row(word(.pending), store?.pending ?? 0, at(store?.oldestPending, .oldestPending))]
    if let missing = store?.missing, missing > 0 { lines.append(row(word(.missing), missing, word(.recordsMissing))) }
    lines += [
      row(word(.forwarded), store?.forwarded ?? 0, at(lastAcknowledged, .lastAcknowledged)), row("retry", retry, ""),
      row("failed", failed, ""),
      row(word(.claimed), claimed, claims.isEmpty ? "" : said(ClaimedGroup.end(isRunning: daemon != nil))),
    ]
    for group in claims {
      let (count, name) = (Message.Value.integer(group.count), Message.Value.text(group.name))
      let since = Message.Value.text(group.oldest.rfc3339(in: zone))
      let message =
        group.inbox.map {
          Message(
            CommandMessage.claimedFiles, ["inbox": .text($0), "count": count, "name": name, "since": since])
        } ?? Message(CommandMessage.claimedFilesOfRetry, ["count": count, "name": name, "since": since])
      lines.append(Self.sentence + said(message))
    }
    return lines
  }

  private func partitionLines(_ partitions: [StoreSnapshot.Partition], areShown: Bool) -> [String] {
    let sums = Message(
      CommandMessage.partitionSums,
      [
        "partitions": .integer(partitions.count), "records": .integer(partitions.reduce(0) { $0 + $1.records }),
        "size": .text(SizeWords.text(of: partitions.reduce(0) { $0 + $1.bytes }, in: language)),
      ])
    let rows = (areShown ? partitions : []).map { partition in
      let records = said(Message(CommandMessage.records, ["records": .integer(partition.records)]))
      let size = SizeWords.text(of: partition.bytes, in: language)
      let pending =
        partition.pending > 0
        ? " " + said(Message(CommandMessage.pendingCount, ["count": .integer(partition.pending)])) : ""
      return "  \(partition.date)  \(TextWidth.padded(records, to: 18)) \(TextWidth.padded(size, to: 10))\(pending)"
    }
    return ["", "\(word(.partitions))  \(said(sums))"] + rows
  }

  private func lines(of group: FailureGroup, in zone: TimeZoneRules, _ file: ConfigurationOption) -> [String] {
    let status = group.status.rawValue
    let sums = Message(
      CommandMessage.failureGroup,
      [
        "count": .integer(group.count), "inbox": .text(group.inbox),
        "newest": .text(group.newest?.rfc3339(in: zone) ?? ""),
      ])
    var lines = ["  \(status)  \(group.reason)  \(said(sums))"]
    for example in group.examples.prefix(Self.shownExamples) {
      let message = example.message?.sentence(in: language) ?? ""
      lines.append("\(Self.sentence)\(status)/\(example.fileText): \(file.offering(message))")
    }
    let left = group.count - min(group.examples.count, Self.shownExamples)
    guard left > 0 else { return lines }
    let inbox = group.inbox.isEmpty ? "" : " --inbox \(ShellWord.quoted(group.inbox))"
    let options = "--status \(status) --reason \(ShellWord.quoted(group.reason))\(inbox)"
    let more = said(Message(CommandMessage.moreFiles, ["count": .integer(left)]))
    return lines + ["\(Self.sentence)\(more): \(file.command("list", nil, options))"]
  }

  private func row(_ name: String, _ count: Int?, _ detail: String) -> String {
    let number = count.map(String.init) ?? word(.unknown)
    let space = String(repeating: " ", count: max(0, 10 - number.count))
    let line = "\(TextWidth.padded(name, to: 20)) \(space)\(number)  \(detail)"
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

extension Status.NextRun {
  /// The activity, for people.
  fileprivate var message: Message {
    switch name {
    case "retry": Message(CommandMessage.runRetry)
    case "forward": Message(CommandMessage.runForward)
    case "retention": Message(CommandMessage.runRetention)
    default:
      name.hasPrefix("inbox ")
        ? Message(CommandMessage.inbox, ["inbox": .text(String(name.dropFirst(6)))]) : Message(said: name)
    }
  }
}

extension CircuitState {
  fileprivate func message(in zone: TimeZoneRules, _ language: Language) -> Message {
    let why = Message.Value.text(reason?.sentence(in: language) ?? "")
    if let silentUntil {
      return Message(CommandMessage.silent, ["time": .text(silentUntil.rfc3339(in: zone)), "why": why])
    }
    if let nextAttempt {
      return Message(CommandMessage.attempt, ["time": .text(nextAttempt.rfc3339(in: zone)), "why": why])
    }
    guard isOpen else { return Message(CommandMessage.closed) }
    return Message(
      CommandMessage.open,
      [
        "since": .text(since?.rfc3339(in: zone) ?? ""), "next": .text(nextProbe?.rfc3339(in: zone) ?? ""), "why": why,
      ])
  }
}
