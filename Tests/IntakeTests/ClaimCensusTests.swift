import DurableFiles
import EventStore
import Intake
import SystemPackage
import TestSupport
import Testing

/// A query from outside reports every claimed file, wherever claims are ever kept.
@Suite(.tags(.fast)) struct ClaimCensusTests {
  private let event = #"{"id":"k","type":"t"}"#

  private func count(
    _ place: Workplace, _ change: (inout InboxOptions) -> Void = { _ in }
  ) throws -> (state: [String: Int], inbox: Int, retry: Int) {
    var options = place.options
    change(&options)
    let census = try #require(try ClaimCensus(place.tree.state, inboxes: [options]))
    let state = try census.inState().map { ($0.inbox ?? "-", $0.count) }
    return (
      Dictionary(uniqueKeysWithValues: state), try census.inFolder(of: options)?.count ?? 0,
      try census.inRetry(place.tree.retry)?.count ?? 0
    )
  }

  @Test func `Nothing is counted where nothing is claimed, and nothing is made`() throws {
    let tree = TemporaryTree()
    #expect(try ClaimCensus(tree.state, inboxes: []) == nil)
    let place = try Workplace(tree)
    let before = tree.names("state")
    let found = try count(place)
    #expect(found.state == [:] && found.inbox == 0 && found.retry == 0)
    #expect(tree.names("state") == before)
  }

  @Test func `Claims in state are counted by inbox, those of sub-folders and of inboxes that are gone as well`() throws
  {
    let place = try Workplace()
    for path in ["default/a.json", "default/b.json", "default%2F0a/c.json", "gone/d.json"] {
      place.tree.write(event, to: "state/claims/\(path)")
    }
    place.tree.write(event, to: "state/retrying/e.json")
    place.tree.write(event, to: "state/claims/default/folder/no-claim")
    #expect(try count(place).state == ["default": 3, "gone": 1, "-": 1])
  }

  @Test func `A marker is counted with its file`() throws {
    let place = try Workplace()
    for name in ["a.json", "a.json.done"] { place.tree.write(event, to: "state/claims/default/\(name)") }
    #expect(try count(place) { $0.marker = ".done" }.state == ["default": 1])
  }

  @Test func `Claims within the inbox are counted, but those of another eventdrop are not`() throws {
    let place = try Workplace()
    let tree = place.tree
    tree.write(event, to: "inbox/.eventdrop-claims/a.json")
    tree.write("1\n\(tree.state)\n", to: "inbox/.eventdrop-claims/lock")
    tree.write(event, to: "inbox/.eventdrop-claims~2/b.json")
    tree.write("1\n/elsewhere/state\n", to: "inbox/.eventdrop-claims~2/lock")
    tree.write(event, to: "inbox/.eventdrop-claim~0~c.json")
    tree.write(event, to: "inbox/shop/.eventdrop-claims/d.json")
    tree.write(event, to: "retry/.eventdrop-claims/e.json")
    let found = try count(place)
    #expect(found.inbox == 1 && found.retry == 1)
    #expect(try count(place) { $0.recursive = true }.inbox == 2)
  }

  @Test func `An inbox reports at its look what is still claimed within it`() async throws {
    let tree = TemporaryTree()
    tree.write("", to: "inbox/.eventdrop-claims/a.json")
    tree.remove("inbox/.eventdrop-claims/a.json")
    let place = try Workplace(tree)
    _ = try await place.inbox.work()
    #expect(place.inbox.waiting.claimed == nil)
    // It has taken up what was there at the start; this comes later, like a file that could not be put back.
    tree.write(event, to: "inbox/.eventdrop-claims/a.json")
    _ = try await place.inbox.work()
    #expect(place.inbox.waiting.claimed?.count == 1 && place.inbox.waiting.claimed?.name == "a.json")
  }
}
