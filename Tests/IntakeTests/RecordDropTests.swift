import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import Maintenance
import TestSupport
import Testing
import Time

/// A record is itself a valid drop, even if the inbox's mapping would find something else in it.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct RecordDropTests {
  private let clock = ManualClock()

  enum Mapping: String, CaseIterable {
    /// The mapping would add the prefix to the eventId again.
    case prefix
    /// It would find a digest.
    case digest
    /// It would find nothing.
    case elsewhere
  }

  private func place(
    _ mapping: Mapping, _ tree: TemporaryTree = TemporaryTree(), name: String = "default"
  ) throws
    -> Workplace
  {
    let order = [try MemberSource("/order")]
    return try Workplace(tree, clock: clock, keep: .seconds(30 * 86_400)) {
      $0.name = name
      $0.mapping.inbox = name
      switch mapping {
      case .prefix: $0.mapping.eventIdPrefix = "A-"
      case .digest: $0.mapping.eventId = [.sha256]
      case .elsewhere: $0.mapping.eventId = order
      }
    }
  }

  /// How a record may have been rewritten on its way.
  enum Form: String, CaseIterable {
    case asItIs, pretty, reordered

    func of(_ record: String) -> String {
      switch self {
      case .asItIs: return record
      case .pretty:
        return record.replacing(#","data":{"n":1}"#, with: ",\n  \"data\" : {\n    \"n\" : 1\n  }").replacing(
          #","source""#, with: ",\n  \"source\"")
      case .reordered:
        return record.replacing(#","data":{"n":1}"#, with: "").replacing(
          "{\"eventId\"", with: #"{"data":{"n":1},"eventId""#)
      }
    }
  }

  private func storeOne(_ place: Workplace) async throws -> (file: String, record: String) {
    place.drop("a.json", #"{"id":"1","order":"1","type":"t","data":{"n":1},"more":[1, 2]}"#)
    #expect(try await place.inbox.work().stored == 1)
    let day = place.tree.names("processed")[0]
    let file = "processed/\(day)/\(place.records[0])"
    return (file, try #require(place.tree.readText(file)))
  }

  @Test(arguments: Mapping.allCases, Form.allCases)
  func `One that is moved back is processed again, however its white space is`(
    mapping: Mapping, form: Form
  ) async throws {
    let place = try place(mapping)
    let (file, record) = try await storeOne(place)
    let names = place.records
    place.tree.remove(file)
    place.drop("back.json", form.of(record))
    clock.advance(by: .seconds(60))
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == names)
    let after = try #require(place.tree.readText(file))
    #expect(after.contains(#""createdAt":"\#(created(record))""#))
    #expect(after.contains(#""attributes":{"#))
  }

  @Test(arguments: Mapping.allCases, Form.allCases)
  func `A copy of one is a duplicate, however its white space is`(mapping: Mapping, form: Form) async throws {
    let place = try place(mapping)
    let (_, record) = try await storeOne(place)
    place.drop("copy.json", form.of(record))
    _ = try await place.inbox.work()
    clock.advance(by: .seconds(5))
    #expect(try await place.inbox.work().duplicates == 1)
    #expect(place.records.count == 1 && place.tree.names("inbox") == [])
  }

  @Test(arguments: ["inbox", "retry"])
  func `One that is copied, and removed where it was a moment later, is not lost`(folder: String) async throws {
    let place = try place(.prefix)
    let (file, record) = try await storeOne(place)
    place.tree.write(record, to: "\(folder)/copy.json")
    for _ in 0..<3 {
      _ = try await place.inbox.work()
      _ = try await place.retry.work()
      #expect(place.tree.readText("\(folder)/copy.json") == record)
      clock.advance(by: .seconds(1))
    }
    place.tree.remove(file)
    clock.advance(by: .seconds(60))
    let stored = try await place.inbox.work().stored + place.retry.work().stored
    #expect(stored == 1 && place.records == ["A-1.json"])
  }

  @Test(arguments: Form.allCases) func `One that was pruned is a duplicate still`(form: Form) async throws {
    let place = try place(.prefix)
    let (_, record) = try await storeOne(place)
    let batch = try #require(try await place.store.nextBatch(maxEvents: 10, maxBytes: 1 << 20, onlyFull: false))
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    clock.advance(by: .seconds(60 * 86_400))
    place.drop("other.json", #"{"id":"2","type":"t"}"#)
    _ = try await place.inbox.work()
    _ = try await place.store.prune(isConfirmed: true, isRehearsal: false)
    #expect(place.records.filter { $0 != "A-2.json" }.allSatisfy { $0.hasSuffix(".ids") })
    place.drop("copy.json", form.of(record))
    _ = try await place.inbox.work()
    clock.advance(by: .seconds(5))
    #expect(try await place.inbox.work().duplicates == 1)
  }

  @Test func `With other data, or in another inbox, it is a drop like any other`() async throws {
    let place = try place(.prefix)
    let (_, record) = try await storeOne(place)
    place.drop("other.json", record.replacing(#"{"n":1}"#, with: #"{"n":2}"#))
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["A-1.json", "A-A-1.json"])
    let foreign = try self.place(.prefix, place.tree, name: "foreign")
    foreign.drop("copy.json", record)
    _ = try await foreign.inbox.work()
    #expect(place.records == ["A-1.json", "A-A-1.json"] && place.tree.names("failed").count == 2)
  }

  private func created(_ record: String) -> String {
    let parts = record.split(separator: #""createdAt":""#, maxSplits: 1)
    return parts.count == 2 ? String(parts[1].prefix(24)) : "?"
  }
}
