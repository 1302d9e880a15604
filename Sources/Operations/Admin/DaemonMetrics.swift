internal import Catalog
internal import DurableFiles
internal import Failures
internal import Forwarding
internal import Glibc
internal import Time

/// The metrics of a daemon: what was counted, and the current state.
struct DaemonMetrics: Sendable {
  let registry: MetricsRegistry
  let board: StatusBoard
  let version: String
  let startedAt: Timestamp

  /// All of them; those of the store are omitted while it does not answer.
  func text() async -> String {
    let status = try? await board.status()
    let obstacles = await board.obstacles()
    let forwarding = await board.forwarder?.status()
    let space = await board.space()
    let isReady: Double = obstacles.isEmpty ? 1 : 0
    let isCircuitOpen: Double = forwarding?.interruption == nil ? 0 : 1
    let free = space.map { (Double($0.space.bytes), [("folder", $0.folder)]) }
    let sizes = space.map { (Double($0.space.totalBytes), [("folder", $0.folder)]) }
    var present: [MetricFamily] = [
      .gauge("eventdrop_build_info", 1, ("version", version)),
      .gauge("eventdrop_ready", isReady),
      .gauge("eventdrop_circuit_open", isCircuitOpen),
      .gauge("eventdrop_disk_free_bytes", free),
      .gauge("eventdrop_disk_size_bytes", sizes),
    ]
    if let isFleetThere = board.isFleetThere { present.append(.gauge("eventdrop_fleet_ready", isFleetThere ? 1 : 0)) }
    if let status { present += families(of: status) }
    return PrometheusText.text(of: registry.families() + present + process())
  }

  private func families(of status: Status) -> [MetricFamily] {
    let now = board.clock.now()
    let partitions = status.store?.partitions ?? []
    let age = status.store?.oldestPending.map { max(now - $0, .zero) / .seconds(1) } ?? 0
    let waiting = status.inboxes.compactMap { inbox in
      inbox.waiting.map { (Double($0), [("inbox", inbox.name)]) }
    }
    // Each reason always has its number: a series that comes and goes cannot be compared with its past.
    let left = status.inboxes.flatMap { inbox in
      WaitingGroup.reasons.map { reason in
        let group = inbox.groups.first { $0.reason == reason }
        let age = group.map { max(now - $0.oldest, .zero) / .seconds(1) } ?? 0
        return (files: Double(group?.count ?? 0), age: age, labels: [("inbox", inbox.name), ("reason", reason)])
      }
    }
    let ready = status.inboxes.map { inbox in
      (inbox.trouble == nil && inbox.silentSince == nil ? 1.0 : 0, [("inbox", inbox.name)])
    }
    let arrivals = status.inboxes.compactMap { inbox in
      inbox.lastArrival.map { (Double($0.milliseconds) / 1000, [("inbox", inbox.name)]) }
    }
    // What is unknown has no number: 0 would say that all is well.
    let setAside = [(status.retry, "retry"), (status.failed, "failed")].compactMap { count, folder in
      count.map { (Double($0), [("folder", folder)]) }
    }
    let claimed: [(Double, [(String, String)])] = status.claimed.map { [(Double($0), [])] } ?? []
    let oldestClaim = status.claims.map(\.oldest).min().map { max(now - $0, .zero) / .seconds(1) } ?? 0
    let failures = status.groups.map { group in
      (Double(group.count), [("folder", group.status.rawValue), ("inbox", group.inbox), ("reason", group.reason)])
    }
    return [
      .gauge("eventdrop_inbox_files", waiting),
      .gauge("eventdrop_inbox_waiting_files", left.map { ($0.files, $0.labels) }),
      .gauge("eventdrop_inbox_waiting_oldest_age_seconds", left.map { ($0.age, $0.labels) }),
      .gauge("eventdrop_inbox_ready", ready),
      .gauge("eventdrop_inbox_last_arrival_timestamp_seconds", arrivals),
      .gauge("eventdrop_folder_files", setAside),
      .gauge("eventdrop_claimed_files", claimed),
      .gauge("eventdrop_claimed_oldest_age_seconds", oldestClaim),
      .gauge("eventdrop_failed_files", failures),
      .gauge("eventdrop_pending_events", Double(status.store?.pending ?? 0)),
      .gauge("eventdrop_missing_events", Double(status.store?.missing ?? 0)),
      .gauge("eventdrop_oldest_pending_age_seconds", age),
      .gauge("eventdrop_records", Double(partitions.reduce(0) { $0 + $1.records })),
      .gauge("eventdrop_record_bytes", Double(partitions.reduce(0) { $0 + $1.bytes })),
      .gauge("eventdrop_partitions", Double(partitions.count)),
    ]
  }

  private func process() -> [MetricFamily] {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    var time = MetricFamily.gauge("process_cpu_seconds_total", seconds(usage.ru_utime) + seconds(usage.ru_stime))
    time.kind = .counter
    return [
      time, .gauge("process_start_time_seconds", Double(startedAt.milliseconds) / 1000),
      // getrusage(2): in kilobytes.
      .gauge("process_resident_memory_max_bytes", Double(usage.ru_maxrss) * 1024),
    ]
  }
}
