import Catalog
import DurableFiles
import EventStore
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

/// Portions on both sides of midnight that have events in common, disturbed at each operation: each event has one
/// record, and all are forwarded.
///
/// A run disturbs every third operation; with `EVENTDROP_SWEEP=full` in the environment, every one.
@Suite(.tags(.durability), .onlyInFullRuns) struct MidnightTests {
  /// What follows the disturbed operation.
  enum Sequel: String, CaseIterable, CustomTestStringConvertible {
    /// The process ends there, and the next one continues.
    case killed
    /// The operation fails, and the same process continues.
    case sameProcess = "the same process goes on"
    /// The operation fails, the process stops in order, and the next one continues.
    case orderlyStop = "an orderly stop"

    var testDescription: String { rawValue }
  }

  private static let isFull = getenv("EVENTDROP_SWEEP").map { String(cString: $0) } == "full"

  /// The numbers of the operations to disturb.
  private static func places(in count: Int, every step: Int = 3) -> [Int] {
    Array(stride(from: 1, through: count, by: isFull ? 1 : step))
  }

  /// The number of operations in an undisturbed night.
  private func count(portions: Int = 2) async throws -> Int {
    let files = RecordingFiles()
    let night = Night()
    var place = try night.open(files)
    for step in 0..<portions { try await night.perform(step, in: place) }
    let count = files.count
    for step in portions..<Night.steps { try await night.perform(step, in: place) }
    place = try night.open()
    #expect(try await night.end(place) == Night.end)
    return count
  }

  /// Goes through the night, and returns what is where at its end.
  private func go(_ night: Night, _ files: RecordingFiles, _ sequel: Sequel) async throws -> [String] {
    var place = try? night.open(files)
    /// The disturbed process has ended, or the disturbance is over.
    func goOn() async throws {
      if sequel == .orderlyStop { await place?.store.close() }
      files.set(.perform)
      if sequel != .sameProcess || place == nil { place = try night.open() }
    }
    var isOver = false
    for step in 0..<Night.steps {
      for _ in 0..<3 {
        if files.hasStruck, !isOver {
          isOver = true
          try await goOn()
        }
        guard let current = place else { continue }
        do {
          try await night.perform(step, in: current)
          if isOver || !files.hasStruck { break }
        } catch is StorageError {}
      }
    }
    return try await night.end(try #require(place))
  }

  @Test(arguments: Sequel.allCases)
  func `Disturbed at any operation before and after midnight`(sequel: Sequel) async throws {
    for number in Self.places(in: try await count()) {
      let files = RecordingFiles(sequel == .killed ? .stop(at: number) : .fail(at: number, .ioError))
      let end = try await go(Night(), files, sequel)
      #expect(end == Night.end, "\(files.story)")
    }
  }

  @Test func `Midnight at any operation of a portion`() async throws {
    for number in Self.places(in: try await count(portions: 1), every: 1) {
      let night = Night()
      let files = RecordingFiles()
      files.before(number: number) { night.becomeNextDay() }
      let end = try await go(night, files, .sameProcess)
      #expect(end == Night.end, "midnight before operation \(number)")
    }
  }

  @Test(arguments: Sequel.allCases)
  func `Midnight at any operation of a portion, which is disturbed later`(sequel: Sequel) async throws {
    let count = try await count(portions: 1)
    for midnight in Self.places(in: count) {
      for number in Self.places(in: count - midnight, every: 5) {
        let night = Night()
        let at = midnight + number
        let files = RecordingFiles(sequel == .killed ? .stop(at: at) : .fail(at: at, .ioError))
        files.before(number: midnight) { night.becomeNextDay() }
        let end = try await go(night, files, sequel)
        #expect(end == Night.end, "midnight before operation \(midnight); \(files.story)")
      }
    }
  }
}

/// The drops of two portions, one before midnight and one after it, and a webhook that takes everything.
private final class Night: Sendable {
  let tree = TemporaryTree()
  private let clock = ManualClock("2026-11-23T23:59:58.000Z")

  static let steps = 3
  /// What is where at the end: each event once, on whichever day.
  static let end = ["1.json", "2.json", "3.json", "4.json", "5.json", "forwarded 1 2 3 4 5", "pending by the tree 0"]

  func open(_ files: any FileOperations = SystemFiles()) throws -> Workplace {
    try Workplace(tree, files: files, clock: clock, portion: 3)
  }

  private var isBeforeMidnight: Bool {
    Timestamp(rfc3339: "2026-11-24T00:00:00.000Z").map { clock.now() < $0 } ?? false
  }

  func becomeNextDay() {
    if isBeforeMidnight { clock.set("2026-11-24T00:00:01.000Z") }
  }

  /// Performs a step; a disturbed one can be repeated.
  func perform(_ step: Int, in place: Workplace) async throws {
    switch step {
    case 0:
      tree.write(#"{"id":"1","type":"t","data":{"n":1}}"#, to: "inbox/a.json")
      tree.write("{\"id\":\"2\",\"type\":\"t\"}\n{\"id\":\"3\",\"type\":\"t\"}\n", to: "inbox/b.jsonl")
      _ = try await place.inbox.work()
    case 1:
      becomeNextDay()
      // Failed files are retried after a pause.
      clock.advance(by: .seconds(60))
      tree.write(#"{"id":"1","type":"t","data":{ "n": 1 }}"#, to: "inbox/c.json")
      tree.write("{\"id\":\"3\",\"type\":\"t\"}\n{\"id\":\"4\",\"type\":\"t\"}\n", to: "inbox/d.jsonl")
      tree.write(#"{"id":"5","type":"t"}"#, to: "inbox/e.json")
      _ = try await place.inbox.work()
      _ = try await place.retry.work()
    default:
      while let batch = try await place.store.nextBatch(maxEvents: 2, maxBytes: 1 << 20, onlyFull: false) {
        do {
          try await place.store.acknowledge(batch.events, batchId: "b\(batch.number)", status: 200)
        } catch {
          try? await place.store.release(batch, dissolving: false)
          throw error
        }
        try await place.store.release(batch, dissolving: true)
      }
    }
  }

  /// What is where, one line per record, and what is left elsewhere.
  func end(_ place: Workplace) async throws -> [String] {
    var lines = place.records
    for folder in ["inbox", "retry", "failed", "state/claims/default", "state/retrying"] {
      lines += tree.names(folder).filter { !$0.hasPrefix(".") && $0 != "lock" }.map { "\(folder)/\($0)" }
    }
    var forwarded: Set<String> = []
    for day in tree.names("processed") {
      for line in (tree.readText("processed/\(day)/forwards.jsonl") ?? "").split(separator: "\n") {
        let ids = line.split(separator: "[").last?.split(separator: "]").first ?? ""
        forwarded.formUnion(ids.split(separator: ",").map { String($0.dropFirst().dropLast()) })
      }
    }
    lines.append("forwarded \(forwarded.sorted().joined(separator: " "))")
    for ending in ["", "-wal", "-shm"] { tree.remove("state/catalog.sqlite\(ending)") }
    lines.append("pending by the tree \(try await open().store.pending().count)")
    return lines
  }
}
