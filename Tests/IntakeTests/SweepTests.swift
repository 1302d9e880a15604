import Catalog
import DurableFiles
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Disturbs the whole way of a few events at each of its operations in turn, and checks what is where at the end.
///
/// A run takes every fifth operation, and the errors in turn; of denied changes, every one. With `EVENTDROP_SWEEP=full`
/// in the environment, it takes every error at every operation, and twenty second stops after every first one; with
/// `EVENTDROP_SWEEP=123`, all that for operation 123 alone. The cases are divided into slices that run in parallel.
@Suite(.tags(.durability), .onlyInFullRuns) struct SweepTests {
  private static let wanted = getenv("EVENTDROP_SWEEP").map { String(cString: $0) } ?? ""
  private static let isFull = wanted == "full" || Int(wanted) != nil
  private static let slices = 0..<6
  private static let errors: [Errno] = [
    .ioError, .noSpace, .tooManyOpenFiles, .permissionDenied, .readOnlyFileSystem, .staleNFSFileHandle, .improperLink,
    .interrupted,
  ]
  /// What is where at the end of an undisturbed run.
  private static let end = [
    "failed/b.jsonl.3.json invalid-json", "failed/b.jsonl.3.json.error", "failed/bad.json invalid-json",
    "failed/bad.json.error", "failed/conflict.json conflict", "failed/conflict.json.error",
    "failed/link.json not-a-regular-file", "failed/link.json.error", "failed/2.json rejected",
    "failed/2.json.error", "processed/2026-12-20/9.json", "processed/identities/2026-11-01.ids",
    "identity 1 2bfd14f43d", "identity 3 44136fa355", "received 1 3 9", "pending 0", "pending by the tree 0",
  ].sorted()

  private static func errors(at operation: Int) -> [Errno] {
    isFull ? errors : [errors[operation / 5 % errors.count]]
  }

  /// A slice's share of the operations to disturb.
  private static func places(in count: Int, slice: Int, every step: Int = isFull ? 1 : 5) -> [Int] {
    let all = Int(wanted).map { [$0] } ?? Array(stride(from: 1, through: count, by: step))
    return all.enumerated().filter { $0.offset % slices.count == slice }.map(\.element)
  }

  /// Goes the whole way, and returns how its end differs from the expected one.
  ///
  /// After a failure, the step is repeated, by a new process or, once the files work again, by the same one.
  private func go(
    _ files: RecordingFiles, startingAnew: Bool, _ second: RecordingFiles? = nil
  ) async throws -> [String] {
    let way = WholeWay()
    var place: Workplace?
    do {
      place = try way.open(files)
    } catch {}
    if place == nil || startingAnew && files.hasStruck { files.set(.perform) }
    var current = try place ?? way.open()
    var isOver = false
    for step in 0..<WholeWay.steps {
      for attempt in 0..<4 {
        do {
          try await way.perform(step, in: current)
          // What cannot be read is left where it is, without an error for the caller: it is tried again later.
          let isToDoAgain = files.hasStruck && attempt == 0 && (startingAnew || !isOver)
          if !isToDoAgain { break }
        } catch is StorageError {}
        if startingAnew, files.hasStruck {
          // The process is gone; the next one may stop as well, at once or later.
          if let second, attempt == 0 {
            if let next = try? way.open(second) { try? await way.perform(step, in: next) }
          }
          current = try way.open()
        } else {
          // The lasting error is over.
          files.set(.perform)
          isOver = true
        }
      }
    }
    let end = try await way.end(current)
    return Self.end.filter { !end.contains($0) }.map { "missing: \($0)" }
      + end.filter { !Self.end.contains($0) }.map { "unexpected: \($0)" }
  }

  /// The number of operations in an undisturbed run.
  private func count(_ scope: RecordingFiles.Scope) async throws -> Int {
    let files = RecordingFiles(counting: scope)
    #expect(try await go(files, startingAnew: false) == [])
    return files.count
  }

  /// Prints what a slice has done, so that the cases can be added up.
  private func report(_ cases: Int, _ what: String, _ count: Int, _ operations: String) {
    print("sweep: \(cases) \(what), of \(count) \(operations)")
  }

  @Test(arguments: slices)
  func `Every operation fails once, with every error, and the next look goes on`(slice: Int) async throws {
    let count = try await count(.everything)
    var cases = 0
    for operation in Self.places(in: count, slice: slice) {
      for error in Self.errors(at: operation) {
        let files = RecordingFiles(.fail(at: operation, error), counting: .everything)
        let end = try await go(files, startingAnew: false)
        #expect(end == [], "\(error): \(files.story)")
        cases += 1
      }
    }
    report(cases, "passing failures", count, "operations")
  }

  @Test(arguments: slices)
  func `From every operation on all fail for a while, and it goes on where it was`(slice: Int) async throws {
    let count = try await count(.everything)
    var cases = 0
    for operation in Self.places(in: count, slice: slice) {
      for error in Self.errors(at: operation) where error != .improperLink {
        let files = RecordingFiles(.failFrom(at: operation, error), counting: .everything)
        let end = try await go(files, startingAnew: false)
        #expect(end == [], "\(error) from there on: \(files.story)")
        cases += 1
      }
    }
    report(cases, "lasting failures", count, "operations")
  }

  @Test(arguments: slices)
  func `Every change is made and denied, as NFS can`(slice: Int) async throws {
    let count = try await count(.changes)
    let errors: [Errno] = [.ioError, .staleNFSFileHandle, .fileExists, .noSuchFileOrDirectory]
    var cases = 0
    for operation in Self.places(in: count, slice: slice, every: 1) {
      for error in Self.isFull ? errors : [errors[operation % errors.count]] {
        let files = RecordingFiles(.deny(at: operation, error))
        let end = try await go(files, startingAnew: false)
        #expect(end == [], "done, and denied with \(error): \(files.story)")
        cases += 1
      }
    }
    report(cases, "denied changes", count, "changes")
  }

  @Test(arguments: slices)
  func `The process stops at every change, and the next one goes on`(slice: Int) async throws {
    let count = try await count(.changes)
    var cases = 0
    for operation in Self.places(in: count, slice: slice) {
      let files = RecordingFiles(.stop(at: operation))
      let end = try await go(files, startingAnew: true)
      #expect(end == [], "stopped: \(files.story)")
      cases += 1
    }
    report(cases, "stops", count, "changes")
  }

  @Test(arguments: slices)
  func `It stops at every change, and the next one while it recovers`(slice: Int) async throws {
    let count = try await count(.changes)
    var cases = 0
    for first in Self.places(in: count, slice: slice) {
      for second in Self.isFull ? Array(1...20) : [1 + first % 13] {
        let (files, next) = (RecordingFiles(.stop(at: first)), RecordingFiles(.stop(at: second)))
        let end = try await go(files, startingAnew: true, next)
        #expect(end == [], "stopped: \(files.story); then: \(next.story)")
        cases += 1
      }
    }
    report(cases, "pairs of stops", count, "changes")
  }
}
