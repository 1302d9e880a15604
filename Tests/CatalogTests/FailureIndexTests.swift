import Catalog
import DurableFiles
import Events
import Glibc
import StoreSupport
import SystemPackage
import TestSupport
import Testing
import Time

/// Queries about failed files: all are counted, but only the returned ones are read.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct FailureIndexTests {
  private let tree = TemporaryTree()

  @Test func `All are counted by folder, inbox and reason; what has no report is counted too`() throws {
    for number in 0..<60 { tree.fail("failed", "a\(number).json", "missing-event-id", second: number) }
    for number in 0..<10 { tree.fail("failed", "b\(number).json", "invalid-json", inbox: "till", second: number) }
    tree.fail("retry", "c.json", "invalid-json")
    tree.write("{}", to: "failed/bare.json")
    tree.write("{}", to: "failed/.hidden")
    let index = try EventIndex(tree.layout)
    let groups = try index.failureGroups(examples: 3)
    #expect(groups.map(\.reason) == ["missing-event-id", "invalid-json", "no-report", "invalid-json"])
    #expect(groups.map(\.count) == [60, 10, 1, 1])
    #expect(groups.map(\.inbox) == ["default", "till", "", "default"])
    #expect(groups.map(\.status) == [.failed, .failed, .failed, .retry])
    #expect(groups[0].examples.map(\.file) == ["a59.json", "a58.json", "a57.json"])
    #expect(groups[0].oldest?.rfc3339 == "2026-11-23T12:00:00.000Z")
    #expect(groups[0].newest?.rfc3339 == "2026-11-23T12:00:59.000Z")
    #expect(groups[2].examples.map(\.file) == ["bare.json"])
    #expect(groups[3].nextAttemptAt?.rfc3339 == "2026-11-24T12:00:00.000Z")
    let counts = index.failureCounts()
    #expect(counts.retry == 1 && counts.failed == 71)
  }

  @Test func `Pages follow each other, and filters hold`() throws {
    for number in 0..<25 {
      tree.fail(
        "failed", "a\(number).json", number % 2 == 0 ? "conflict" : "invalid-json", second: number, id: "e\(number)")
    }
    let index = try EventIndex(tree.layout)
    var query = EventQuery(status: .failed, reason: "conflict", limit: 5)
    var found: [String] = []
    while true {
      let page = try index.page(query)
      found += page.events.map(\.file)
      guard let next = page.next else { break }
      query.cursor = next
    }
    #expect(found == stride(from: 24, through: 0, by: -2).map { "a\($0).json" })
    #expect(try index.page(EventQuery(status: .failed, reason: "no such reason")).events.isEmpty)
    #expect(try index.files(of: EventID("e7")).map(\.file) == ["a7.json"])
    let first = try #require(try index.page(EventQuery(status: .failed, limit: 1)).events.first)
    #expect(try index.failedFile(at: first.cursor)?.failures.map(\.file.description) == ["a24.json"])
  }

  @Test func `What has no readable report is listed, and found by its name`() throws {
    tree.fail("failed", "told.json", "invalid-json")
    let odd = ["bare", "cut", "empty", "folder", "late", "link"]
    for name in odd { tree.write(#"{"eventId":"\#(name)","eventType":"t"}"#, to: "failed/\(name).json") }
    tree.write("{", to: "failed/cut.json.error")
    tree.write("", to: "failed/empty.json.error")
    tree.write("", to: "failed/folder.json.error/inside")
    let report = try #require(tree.readText("failed/told.json.error"))
    tree.write(report.replacing("2026", with: "99999"), to: "failed/late.json.error")
    #expect(symlink("told.json.error", "\(tree.failed)/link.json.error") == 0)
    // A person's own folder, and what is no failed file.
    tree.write("", to: "failed/own/inside")
    let files = odd.map { "\($0).json" }

    let index = try EventIndex(tree.layout)
    let page = try index.page(EventQuery(status: .failed, reason: "no-report"))
    #expect(page.events.map(\.file).sorted() == files)
    #expect(page.events.allSatisfy { $0.eventId == nil && $0.inbox.isEmpty })
    #expect(page.events.allSatisfy { $0.updatedAt > Timestamp(milliseconds: 1_700_000_000_000) })
    #expect(try index.page(EventQuery(status: .failed)).events.count == odd.count + 1)
    #expect(try index.counts().reduce(0) { $0 + $1.count } == odd.count + 1)
    for file in files {
      #expect(try index.account(ofFile: file)?.failures.map(\.report.failure.reason.rawValue) == ["no-report"])
    }
    let place = try #require(page.events.first)
    #expect(try index.failedFile(at: place.cursor)?.failures.map(\.file.description) == [place.file])
    for name in ["own", "cut.json.error", "none.json"] { #expect(try index.account(ofFile: name) == nil) }
  }

  @Test func `Only a catalog that is missing means that nothing was stored`() throws {
    let files = RecordingFiles(counting: .everything)
    #expect(try !EventIndex(tree.layout, files: files).hasCatalog)
    files.set(.failFrom(at: files.count + 1, .permissionDenied))
    #expect(throws: StorageError.self) { try EventIndex(tree.layout, files: files) }
    // What is there and cannot be opened is reported too.
    tree.write("", to: "state/catalog.sqlite/inside")
    #expect(throws: StorageError.self) { try EventIndex(tree.layout) }
  }

  @Test func `A question about one of many reads the report of one`() throws {
    for number in 0..<300 { tree.fail("retry", "a\(number).json", "invalid-json", second: number) }
    let files = RecordingFiles(counting: .everything)
    let index = try EventIndex(tree.layout, files: files)
    #expect(try index.page(EventQuery(status: .retry, limit: 1)).events.map(\.file) == ["a299.json"])
    let before = files.count
    #expect(try index.page(EventQuery(status: .retry, limit: 1)).events.count == 1)
    #expect(files.count - before < 40, "\(files.count - before)")
  }

  @Test func `Types that differ only in how a character is spelt are two, whoever asks`() throws {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    for number in 0..<3 {
      tree.fail("failed", "a\(number).json", "conflict", second: number, id: "a\(number)", type: composed)
    }
    for number in 0..<2 {
      tree.fail("failed", "b\(number).json", "conflict", second: number, id: "b\(number)", type: decomposed)
    }
    let index = try EventIndex(tree.layout)
    let counts = try index.counts()
    // The 'e' of the second comes before the first byte of the 'é'.
    #expect(counts.map(\.count) == [2, 3])
    #expect(counts.map { Array($0.type.utf8) } == [Array(decomposed.utf8), Array(composed.utf8)])
    for (type, expected) in [(composed, ["a2.json", "a1.json", "a0.json"]), (decomposed, ["b1.json", "b0.json"])] {
      let query = EventQuery(type: type, status: .failed)
      #expect(try index.page(query).events.map(\.file) == expected)
      let all = try index.page(EventQuery(status: .failed)).events
      #expect(all.filter(query.includes).map(\.file).sorted() == expected.sorted())
    }
  }

  @Test func `What comes and goes is seen`() async throws {
    tree.fail("failed", "a.json", "invalid-json")
    let index = try EventIndex(tree.layout)
    #expect(try index.page(EventQuery(status: .failed)).events.map(\.file) == ["a.json"])
    tree.fail("failed", "b.json", "invalid-json", second: 1)
    tree.remove("failed/a.json")
    tree.remove("failed/a.json.error")
    var found: [String] = []
    for _ in 0..<1000 where found != ["b.json"] {
      found = try index.page(EventQuery(status: .failed)).events.map(\.file)
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(found == ["b.json"])
  }
}
