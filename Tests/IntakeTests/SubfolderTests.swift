import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing

/// Inboxes with sub-folders.
@Suite(.tags(.fast)) struct SubfolderTests {
  private func place(_ tree: TemporaryTree = TemporaryTree(), isRecursive: Bool = true) throws -> Workplace {
    try Workplace(tree) { $0.recursive = isRecursive }
  }

  private func record(_ place: Workplace, _ name: String) -> String? {
    place.tree.names("processed").lazy.compactMap { place.tree.readText("processed/\($0)/\(name)") }.first
  }

  @Test func `Sub-folders are left alone unless they are asked for`() async throws {
    let place = try place(isRecursive: false)
    place.drop("shop/1.json", #"{"id":"1","type":"t"}"#)
    #expect(try await place.inbox.work().stored == 0)
    #expect(place.tree.names("inbox/shop") == ["1.json"])
  }

  @Test func `Drops in sub-folders are stored, and their records say where they lay`() async throws {
    let place = try place()
    place.drop("top.json", #"{"id":"0","type":"t"}"#)
    place.drop("shop/orders/1.json", #"{"id":"1","type":"t"}"#)
    place.drop("shop/orders/2.jsonl", "{\"id\":\"2\",\"type\":\"t\"}\nbad\n")
    place.drop("bank/1.json", #"{"id":"3","type":"t"}"#)
    place.drop(".hidden/4.json", #"{"id":"4","type":"t"}"#)
    #expect(try await place.inbox.work().stored == 4)
    #expect(place.records == ["0.json", "1.json", "2.json", "3.json"])
    #expect(record(place, "1.json")?.contains(#""file":"shop/orders/1.json""#) == true)
    #expect(place.tree.names("retry") == ["2.jsonl.2.json", "2.jsonl.2.json.error"])
    // The folders stay, for the next drops.
    #expect(place.tree.names("inbox/shop/orders") == [])
    place.drop("shop/orders/5.json", #"{"id":"5","type":"t"}"#)
    place.drop("new/6.json", #"{"id":"6","type":"t"}"#)
    #expect(try await place.inbox.work().stored == 2)
  }

  @Test func `A file's name without its ending can be the eventId there as well`() async throws {
    let place = try Workplace { options in
      options.recursive = true
      options.mapping.eventId = [.fileName]
    }
    place.drop("a/b/order-7.json", #"{"type":"t"}"#)
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["order-7.json"])
  }

  @Test func `Links to folders are not followed`() async throws {
    let place = try place()
    let elsewhere = TemporaryTree()
    elsewhere.write(#"{"id":"secret","type":"t"}"#, to: "1.json")
    #expect(symlink(elsewhere.path.string, place.tree.inbox.appending("link").string) == 0)
    #expect(try await place.inbox.work().stored == 0)
    #expect(elsewhere.names("") == ["1.json"])
  }

  @Test(arguments: [true, false])
  func `What was claimed in a sub-folder when the last run stopped is finished`(isStillThere: Bool) async throws {
    for change in 1...25 {
      let tree = TemporaryTree()
      do {
        let files = RecordingFiles()
        let place = try Workplace(tree, files: files) { $0.recursive = true }
        place.drop("shop/1.json", #"{"id":"1","type":"t"}"#)
        files.set(.stop(at: files.count + change))
        _ = try? await place.inbox.work()
      }
      // Once its file is claimed, nothing keeps the folder.
      if !isStillThere { rmdir("\(tree.path)/inbox/shop") }
      let place = try place(tree)
      _ = try await place.inbox.work()
      #expect(place.records == ["1.json"], "stopped at change \(change)")
      #expect(tree.names("inbox/shop") == [])
    }
  }
}
