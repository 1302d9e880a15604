import Catalog
import Failures
import Glibc
import StoreSupport
import SystemPackage
import TestSupport
import Testing

/// What a person does with failed files.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct FileActionTests {
  private let tree = TemporaryTree()

  @Test func `What has no readable report is moved like anything else`() throws {
    tree.fail("failed", "told.json", "invalid-json")
    for name in ["bare", "cut", "empty", "folder", "late", "link"] {
      tree.write(#"{"eventId":"\#(name)","eventType":"t"}"#, to: "failed/\(name).json")
    }
    tree.write("{", to: "failed/cut.json.error")
    tree.write("", to: "failed/empty.json.error")
    tree.write("", to: "failed/folder.json.error/inside")
    let report = try #require(tree.readText("failed/told.json.error"))
    tree.write(report.replacing("2026", with: "99999"), to: "failed/late.json.error")
    #expect(symlink("told.json.error", "\(tree.failed)/link.json.error") == 0)
    // A person's own folder.
    tree.write("", to: "failed/own/inside")

    let inbox = Reprocessing.Inbox(name: "default", path: tree.inbox, marker: nil) { _ in true }
    let index = try EventIndex(tree.layout)
    let mover = FileMover(tree.layout, inboxes: [inbox], index, isRehearsal: false)
    func perform(_ action: FileAction, _ subject: String?) throws {
      let query = EventQuery(reason: subject == nil ? "no-report" : nil)
      let selection = FileSelection(query: query, subject: subject, isNarrowed: true, isOfFailures: true)
      for event in try selection.files(EventIndex(tree.layout)) { _ = try mover.perform(action, on: event) }
    }
    try perform(.reprocess, "folder.json")
    try perform(.reprocess, "bare.json")
    try perform(.discard, "cut.json")
    #expect(tree.names("inbox") == ["bare.json", "folder.json"])
    #expect(tree.names("state/discarded") == ["cut.json", "cut.json.error"])
    // A folder is no report: it stays where somebody has put it.
    #expect(tree.names("failed/folder.json.error") == ["inside"])
    try perform(.discard, nil)
    #expect(tree.names("failed") == ["folder.json.error", "own", "told.json", "told.json.error"])
  }
}
