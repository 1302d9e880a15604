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
      print(json ? status.json.text : status.table)
    } catch {
      throw CommandFailure(.unfinished, "\(error); \(error.advice)")
    }
  }
}

extension Status {
  fileprivate var table: String {
    var lines = [daemon.map { "running (process \($0))" } ?? "not running", ""]
    for inbox in inboxes { lines.append(row("inbox \(inbox.name)", inbox.waiting, "in \(inbox.path)")) }
    lines.append(
      row("pending", store?.pending ?? 0, store?.oldestPending.map { "the oldest since \($0.rfc3339)" } ?? ""))
    lines.append(row("forwarded", store?.forwarded ?? 0, ""))
    lines.append(row("retry", retry, ""))
    lines.append(row("failed", failed, ""))
    lines += ["", "webhook   " + (webhook ?? "none: events are stored and wait as pending")]
    if let circuit = store?.circuit, webhook != nil { lines.append("circuit   " + circuit) }
    lines += ["", "next"]
    for run in nextRuns { lines.append("  \(padded(run.name, 20)) \(run.time?.rfc3339 ?? "never")") }
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
        lines.append("  \(failure.lastFailedAt.rfc3339)  \(failure.folder)/\(failure.file)  \(failure.reason)")
        lines.append("    \(failure.message)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func row(_ name: String, _ count: Int, _ detail: String) -> String {
    let number = String(count)
    let line = "\(padded(name, 20)) \(String(repeating: " ", count: max(0, 10 - number.count)))\(number)  \(detail)"
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
