import Catalog
import DurableFiles
import Events
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

/// Each operation on an entry, with each possible error: an error of one entry stays with it, and the others go on.
@Suite(.tags(.fast, .durability), .timeLimit(.minutes(2))) struct ErrorMatrixTests {
  /// Errors of one entry, whatever the operation.
  static let ofAnEntry: [Errno] = [
    .resourceBusy, .textFileBusy, .permissionDenied, .notPermitted, .ioError, .staleNFSFileHandle,
    // EUCLEAN: the file system is damaged there.
    Errno(rawValue: 117), .fileNameTooLong, .tooManySymbolicLinkLevels,
    // ENOTCONN, EHOSTDOWN, ETIMEDOUT, EREMOTEIO, EKEYREVOKED: from servers and encrypted disks.
    Errno(rawValue: 107), Errno(rawValue: 112), .timedOut, Errno(rawValue: 121), Errno(rawValue: 128),
  ]

  /// Errors of the whole folder, file system or machine: other entries would fail too.
  static let ofTheWhole: [Errno] = [
    .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory,
  ]

  /// An operation on an entry called BAD.json, and what triggers it.
  struct Operation: CustomTestStringConvertible, Sendable {
    var text: String
    var folder = "inbox"
    var content = #"{"id":"BAD","type":"t"}"#
    var marker: String?
    var hasReport = false
    /// Whether work goes on without it.
    var isDispensable = false

    var testDescription: String { "\(text) in \(folder)" }
    var isBroken: Bool { content == "{" }
  }

  static let operations: [Operation] = [
    Operation(text: "look at inbox/BAD.json"),
    Operation(text: "move inbox/BAD.json to default/BAD.json"),
    Operation(text: "open BAD.json"),
    Operation(text: "look at BAD.json"),
    Operation(text: "lease BAD.json", isDispensable: true),
    Operation(text: "read BAD.json"),
    Operation(text: "remove default/BAD.json"),
    Operation(text: "move default/BAD.json to retry/BAD.json", content: "{"),
    Operation(text: "set the mode of BAD.json", content: "{", isDispensable: true),
    Operation(text: "look at retry/BAD.json", content: "{"),
    Operation(text: "name retry/BAD.json.error", content: "{"),
    Operation(text: "look at inbox/BAD.json.done", marker: ".done"),
    Operation(text: "move inbox/BAD.json.done to default/BAD.json.done", marker: ".done"),
    Operation(text: "remove default/BAD.json.done", marker: ".done", isDispensable: true),
    Operation(text: "look at inbox/BAD.json.error", hasReport: true),
    Operation(text: "open BAD.json.error", hasReport: true, isDispensable: true),
    Operation(text: "remove inbox/BAD.json.error", hasReport: true, isDispensable: true),
    Operation(text: "look at retry/BAD.json", folder: "retry"),
    Operation(text: "look at retry/BAD.json.error", folder: "retry", hasReport: true),
    Operation(text: "open BAD.json.error", folder: "retry", hasReport: true, isDispensable: true),
    Operation(text: "move retry/BAD.json to retrying/BAD.json", folder: "retry"),
    Operation(text: "open BAD.json", folder: "retry"),
    Operation(text: "look at BAD.json", folder: "retry"),
    Operation(text: "read BAD.json", folder: "retry"),
    Operation(text: "remove retrying/BAD.json", folder: "retry"),
  ]

  private func prepare(_ operation: Operation, _ files: RecordingFiles, _ clock: ManualClock) throws -> Workplace {
    let place = try Workplace(files: files, clock: clock) { $0.marker = operation.marker }
    place.tree.write(operation.content, to: "\(operation.folder)/BAD.json")
    if let marker = operation.marker { place.drop("BAD.json\(marker)", "") }
    if operation.hasReport {
      let report = FailureReport(
        file: "BAD.json", failure: DropFailure(stage: .parse, reason: .invalidJSON, message: "?"), attempts: 1,
        firstFailedAt: clock.now(), lastFailedAt: clock.now(), nextAttemptAt: clock.now(), inbox: "default")
      place.tree.write(report.encoded(in: .en), to: "\(operation.folder)/BAD.json.error")
    }
    return place
  }

  private func dropGood(_ name: String, _ operation: Operation, in place: Workplace) {
    place.tree.write(#"{"id":"\#(name)","type":"t"}"#, to: "\(operation.folder)/\(name).json")
    if let marker = operation.marker { place.drop("\(name).json\(marker)", "") }
  }

  /// The trouble is over: in the end, everything is where it should be.
  private func expectEnd(_ operation: Operation, _ place: Workplace, _ clock: ManualClock) async throws {
    for _ in 0..<4 {
      clock.advance(by: .seconds(600))
      _ = try await place.inbox.work()
      _ = try await place.retry.work()
    }
    #expect(place.records.contains("BAD.json") == !operation.isBroken)
    let failed = place.tree.names("failed").filter { !$0.hasSuffix(".error") }
    #expect(failed == (operation.isBroken ? ["BAD.json"] : []))
    for folder in ["inbox", "retry", "state/claims/default", "state/retrying"] {
      #expect(place.tree.names(folder) == [], "\(folder)")
    }
    #expect(place.inbox.waiting.count == 0)
  }

  @Test(arguments: operations, ofAnEntry)
  func `What befalls one entry is left with it and reported, and the others go on`(
    operation: Operation, error: Errno
  ) async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try prepare(operation, files, clock)
    files.always(operation.text) { () throws(Errno) in throw error }
    for name in ["g1", "g2"] {
      dropGood(name, operation, in: place)
      _ = try await place.inbox.work()
      _ = try await place.retry.work()
      #expect(place.records.contains("\(name).json"))
      if place.tree.names("inbox").contains("BAD.json") { #expect(place.inbox.waiting.count > 0) }
    }
    files.always(operation.text, nil)
    try await expectEnd(operation, place, clock)
    #expect(place.records.count == (operation.isBroken ? 2 : 3))
  }

  @Test(arguments: operations.filter { !$0.isDispensable }, ofTheWhole)
  func `What is true of the whole stops the look, and blames no entry`(operation: Operation, error: Errno) async throws
  {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try prepare(operation, files, clock)
    files.always(operation.text) { () throws(Errno) in throw error }
    await #expect(throws: StorageError.self) {
      _ = try await place.inbox.work()
      _ = try await place.retry.work()
    }
    #expect(place.inbox.waiting[.unreadable] == 0)
    files.always(operation.text, nil)
    try await expectEnd(operation, place, clock)
  }
}
