import DurableFiles
import EventStore
import Events
import Intake
import Logging
import SystemPackage
import TestSupport
import Testing
import Time

/// What eventdrop keeps is found by looking there, and only what belongs to no living process is taken up.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct ClaimOwnerTests {
  private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func takeUp(_ place: Workplace, _ inboxes: [InboxOptions], areAtWork: Bool = false) async throws {
    let silent = try await ClaimOrigins(place.store, logger: quiet)
      .takeUpOrphans(besides: inboxes, areAtWork: areAtWork, asking: PatientFiles())
    #expect(silent.isEmpty)
  }

  @Test func `Claims of an inbox that nobody knows are set aside with their reason`() async throws {
    let tree = TemporaryTree()
    tree.write(#"{"eventId":"k","eventType":"T"}"#, to: "state/claims/old/k.json")
    let place = try Workplace(tree)
    try await takeUp(place, [place.options])
    #expect(tree.names("failed") == ["k.json", "k.json.error"])
    #expect(place.report("failed/k.json")?.failure.reason == .orphaned)
    #expect(place.report("failed/k.json")?.inbox == "old")
    #expect(tree.names("state/claims") == [])
  }

  @Test(arguments: [true, false])
  func `Claims of an inbox that was renamed or taken out go back to where they came from`(isThere: Bool) async throws {
    let tree = TemporaryTree()
    do {
      let place = try Workplace(tree)
      var old = place.options
      old.name = "old"
      old.path = tree.path.appending("old")
      if isThere { tree.write("", to: "old/other.txt") }
      try await takeUp(place, [place.options, old])
      tree.write(#"{"eventId":"k","eventType":"T"}"#, to: "state/claims/old/k.json")
      tree.write("", to: "state/claims/old%2Fabc/sub.json")
    }
    let place = try Workplace(tree)
    try await takeUp(place, [place.options])
    if isThere {
      #expect(tree.names("old") == ["k.json", "other.txt", "sub.json"])
      #expect(tree.names("failed") == [])
    } else {
      #expect(tree.names("failed").filter { !$0.hasSuffix(".error") } == ["k.json", "sub.json"])
    }
    #expect(tree.names("state/claims") == [])
    #expect(tree.names("state/origins") == ["default"])
  }

  @Test func `Claims of an inbox whose path has changed go back to the old one`() async throws {
    let tree = TemporaryTree()
    let place = try Workplace(tree)
    var before = place.options
    before.path = tree.path.appending("before")
    tree.write("", to: "before/x.txt")
    try await takeUp(place, [before])
    tree.write(#"{"eventId":"k","eventType":"T"}"#, to: "state/claims/default/k.json")
    try await takeUp(place, [place.options])
    #expect(tree.names("before") == ["k.json", "x.txt"])
  }

  @Test(arguments: [true, false])
  func `While inboxes work, nothing is put back into their folders`(isRecursive: Bool) async throws {
    let tree = TemporaryTree()
    let place = try Workplace(tree) { $0.recursive = isRecursive }
    var old = place.options
    old.name = "old"
    if isRecursive { old.path = tree.path.appending("inbox/sub") }
    tree.write("", to: "inbox/sub/.keep")
    try await takeUp(place, [old])
    tree.write(#"{"eventId":"k","eventType":"T"}"#, to: "state/claims/old/k.json")
    try await takeUp(place, [place.options], areAtWork: true)
    #expect(tree.names("state/claims/old") == ["k.json"])
    #expect(tree.names("state/origins").contains("old"))
    try await takeUp(place, [place.options])
    #expect(tree.names("state/origins") == ["default"])
    #expect(tree.names(isRecursive ? "inbox/sub" : "inbox").contains("k.json"))
  }

  @Test func `Claims of a configured inbox stay for it to take up`() async throws {
    let tree = TemporaryTree()
    tree.write(#"{"eventId":"k","eventType":"T"}"#, to: "state/claims/default/k.json")
    let place = try Workplace(tree)
    try await takeUp(place, [place.options])
    #expect(try await place.inbox.work().stored == 1)
    #expect(tree.names("state/claims/default") == [])
  }
}
