import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import Synchronization
import TestSupport
import Testing
import Time

/// The cost of a drop is bounded by its size.
@Suite(.onlyInFullRuns) struct CostTests {
  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }

  private func place(_ clock: ManualClock = ManualClock(), portion: Int = 500) throws -> Workplace {
    try Workplace(clock: clock, portion: portion) { $0.include += ["*.gz"] }
  }

  private func pack(_ place: Workplace, _ name: String) {
    #expect(system("gzip -f '\(place.tree.path)/inbox/\(name)'") == 0)
  }

  private func files(_ place: Workplace, _ folder: String) -> [String] {
    place.tree.names(folder).filter { !$0.hasSuffix(".error") }
  }

  @Test(arguments: ["a.jsonl", "a.json", "a.json.gz"], [3, 500])
  func `Of many bad events, a hundred are files of their own, and the rest lie together in order`(
    name: String, portion: Int
  ) async throws {
    let place = try place(portion: portion)
    let events = (1...1000).map { number in
      switch number % 4 {
      case 0: id("e\(number)")
      // A conflict with the first, once that is stored.
      case 1: #"{"id":"e4","type":"t","data":\#(number)}"#
      case 2: #"{"type":"t","n":\#(number)}"#
      default: "\(number)"
      }
    }
    let isArray = name.hasPrefix("a.json") && !name.hasSuffix("l")
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    place.drop(plain, isArray ? "[" + events.joined(separator: ",\n") + "]" : events.joined(separator: "\n"))
    if name.hasSuffix(".gz") { pack(place, plain) }
    let done = try await place.inbox.work()
    // The first of the conflicting ones precedes the one it would conflict with, and is stored.
    #expect(done.stored == 250)
    let alone = (files(place, "retry") + files(place, "failed")).filter { !$0.contains(".rest.") }
    #expect(alone.count == 100)
    let rest = "\(name).rest.jsonl"
    let folder = files(place, "retry").contains(rest) ? "retry" : "failed"
    let lines = try #require(place.tree.readText("\(folder)/\(rest)")).split(separator: "\n")
    let report = try #require(place.report("\(folder)/\(rest)"))
    #expect(report.count == lines.count)
    #expect(lines.count == 650)
    // In order, each unchanged.
    var position = 0
    for line in lines {
      let next = try #require(events[position...].firstIndex(of: String(line)))
      position = next + 1
    }
    #expect(place.tree.names("inbox") == [])
  }

  @Test func `Tried again, what is still bad of a rest stays together, and goes to failed together`() async throws {
    let clock = ManualClock()
    let place = try place(clock)
    place.drop("a.jsonl", (1...300).map { #"{"n":\#($0)}"# }.joined(separator: "\n"))
    _ = try await place.inbox.work()
    #expect(place.report("retry/a.jsonl.rest.jsonl")?.count == 200)
    // A person repairs half of it.
    let text = (101...300).map { $0 <= 200 ? id("\($0)") : #"{"n":\#($0)}"# }.joined(separator: "\n")
    place.tree.write(text + "\n", to: "retry/a.jsonl.rest.jsonl")
    clock.advance(by: .seconds(1))
    let done = try await place.retry.work()
    #expect(done.stored == 100)
    #expect(files(place, "retry").filter { $0.contains("rest") } == ["a.jsonl.rest.jsonl"])
    let report = try #require(place.report("retry/a.jsonl.rest.jsonl"))
    #expect(report.count == 100 && report.attempts == 1)
    clock.advance(by: .seconds(1))
    _ = try await place.retry.work()
    #expect(files(place, "retry") == [])
    #expect(files(place, "failed").filter { $0.contains("rest") } == ["a.jsonl.rest.jsonl"])
    #expect(place.report("failed/a.jsonl.rest.jsonl")?.count == 100)
    // Back in the inbox, it remains one file.
    place.tree.move("failed/a.jsonl.rest.jsonl", to: "inbox/a.jsonl.rest.jsonl")
    _ = try await place.inbox.work()
    #expect(files(place, "retry") == ["a.jsonl.rest.jsonl"])
  }

  @Test(arguments: ["a.jsonl", String(repeating: "n", count: 236) + ".jsonl"])
  func `A rest whose name is taken, or too long, stays together as well`(name: String) async throws {
    let clock = ManualClock()
    let place = try place(clock)
    for round in 1...2 {
      place.drop(name, (1...300).map { #"{"n":\#($0 * round)}"# }.joined(separator: "\n"))
      _ = try await place.inbox.work()
    }
    func rests(_ folder: String) -> [String] { files(place, folder).filter { $0.contains(".rest") } }
    let names = rests("retry")
    #expect(names.count == 2 && names.allSatisfy { place.report("retry/\($0)")?.count == 200 })
    clock.advance(by: .seconds(1))
    _ = try await place.retry.work()
    #expect(rests("failed") == names && files(place, "retry") == [])
    #expect(files(place, "failed").count == 2 * 101)
    // Back in the inbox, with half of one repaired, they stay together too.
    let mended = (1...200).map { $0 <= 100 ? id("\($0)") : #"{"n":\#($0)}"# }.joined(separator: "\n")
    place.tree.write(mended + "\n", to: "failed/\(names[0])")
    for name in names { place.tree.move("failed/\(name)", to: "inbox/\(name)") }
    #expect(try await place.inbox.work().stored == 100)
    #expect(rests("retry") == names && files(place, "retry") == names)
    #expect(names.compactMap { place.report("retry/\($0)")?.count }.sorted() == [100, 200])
  }

  @Test func `A line break in a bad event does not make two of it`() async throws {
    let place = try place()
    let pretty = "{\n\"n\":1,\r\n \"s\":\"x\"}"
    place.drop("a.json", "[" + Array(repeating: pretty, count: 150).joined(separator: ",") + "]")
    _ = try await place.inbox.work()
    let lines = try #require(place.tree.readText("retry/a.json.rest.jsonl")).split(separator: "\n")
    #expect(lines.count == 50)
    #expect(lines[0] == "{ \"n\":1,   \"s\":\"x\"}")
  }

  @Test func `What would unpack to more than the file brought stays in it, and its good events are stored`()
    async throws
  {
    let place = try place()
    let path = "\(place.tree.path)/inbox/o.jsonl"
    let line = "head -c 20000000 /dev/zero | tr '\\0' ' '; echo x"
    #expect(
      system("( echo '\(id("a"))'; \(line); echo '\(id("b"))'; \(line); echo '\(id("c"))' ) | gzip > \(path).gz") == 0)
    let done = try await place.inbox.work()
    #expect(done.stored == 3 && done.retried == 1)
    #expect(files(place, "retry") == ["o.jsonl.gz"])
    let report = try #require(place.report("retry/o.jsonl.gz"))
    #expect(report.count == 2 && report.failure.reason == .tooLarge)
    #expect(try await place.retry.work().failed == 1)
    #expect(files(place, "failed") == ["o.jsonl.gz"])
  }

  @Test(arguments: ["[%]", "%"]) func `An event of more than is read of one holds up none after it`(
    frame: String
  ) async throws {
    let place = try place()
    let large = #"{"id":"large","type":"t","data":"\#(String(repeating: "x", count: 9 << 20))"}"#
    let isArray = frame.hasPrefix("[")
    let content = [id("a"), large, id("b")].joined(separator: isArray ? "," : "\n")
    place.drop(isArray ? "a.json" : "a.jsonl", isArray ? "[\(content)]" : content)
    #expect(try await place.inbox.work().stored == 2)
    #expect(place.records == ["a.json", "b.json"])
    #expect(place.report("retry/\(isArray ? "a.json" : "a.jsonl")")?.failure.reason == .tooLarge)
  }

  @Test(arguments: ["a.json", "a.jsonl", "a.jsonl.gz"], [4, 12, 20])
  func `An event may be as large as maxEventSize says, also in a file of several`(
    name: String, limit: Int
  ) async throws {
    let place = try Workplace {
      $0.include += ["*.gz"]
      $0.maxFileSize = 64 << 20
      $0.mapping.maxEventSize = limit << 20
    }
    func large(_ id: String, _ size: Int) -> String {
      #"{"id":"\#(id)","type":"t","data":"\#(String(repeating: "x", count: size - 40))"}"#
    }
    let events = [id("a"), large("fits", limit << 20), large("exceeds", (limit << 20) + 100), id("b")]
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    place.drop(
      plain, name == "a.json" ? "[\(events.joined(separator: ","))]" : events.joined(separator: "\n"))
    if name.hasSuffix(".gz") { pack(place, plain) }
    let done = try await place.inbox.work()
    #expect(done.stored == 3 && done.retried == 1)
    #expect(place.records == ["a.json", "b.json", "fits.json"])
    let report = try #require(files(place, "retry").first.flatMap { place.report("retry/\($0)") })
    #expect(report.failure.reason == .tooLarge)
  }

  /// Places would be counted from the beginning of the file for each event.
  @Test func `Work is linear in the bytes of a file, whatever is wrong in it`() async throws {
    func time(_ factor: Int) async throws -> Duration {
      let place = try place()
      place.drop(
        "a.json",
        "[" + String(repeating: " ", count: factor * 100_000)
          + Array(repeating: #"{"id":{}}"#, count: factor * 300).joined(separator: ",") + "]")
      let start = ContinuousClock.now
      _ = try await place.inbox.work()
      return ContinuousClock.now - start
    }
    _ = try await time(1)
    let one = try await time(2)
    let many = try await time(16)
    #expect(many < one * 24)
  }

  @Test func `A look at what only resembles a sidecar reads it once`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    for number in 0..<5 { place.drop("\(number).error", #"{"not":"a report"}"#) }
    let reads = Mutex(0)
    for number in 0..<5 {
      files.always("open \(number).error") { reads.withLock { $0 += 1 } }
    }
    for _ in 0..<4 { _ = try await place.inbox.work() }
    #expect(reads.withLock { $0 } == 5)
    #expect(place.inbox.waiting[.noPattern] == 5)
    place.drop("3.error", #"{"still":"none"}"#)
    _ = try await place.inbox.work()
    #expect(reads.withLock { $0 } == 6)
  }

  @Test func `A stop is heard while very many of them are read`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    let reads = Mutex(0)
    for number in 0..<200 {
      place.drop("\(number).error", #"{"not":"a report"}"#)
      files.always("open \(number).error") { reads.withLock { $0 += 1 } }
    }
    _ = try await place.inbox.work { reads.withLock { $0 >= 20 } }
    #expect(reads.withLock { $0 } == 20)
    #expect(place.tree.names("inbox").count == 200)
    _ = try await place.inbox.work()
    #expect(place.inbox.waiting[.noPattern] == 200)
  }

  @Test func `What has more members than any report is none`() {
    let report = FailureReport(
      file: "a", failure: DropFailure(stage: .parse, reason: .invalidJSON, message: ""), attempts: 1,
      firstFailedAt: Timestamp(milliseconds: 0), lastFailedAt: Timestamp(milliseconds: 0), nextAttemptAt: nil,
      inbox: "i")
    let text = String(decoding: report.encoded(in: .en), as: UTF8.self)
    func with(_ count: Int) -> [UInt8] {
      let more = (0..<count).map { "\"k\($0)\":1," }.joined()
      return Array(text.replacing("{", with: "{" + more, maxReplacements: 1).utf8)
    }
    #expect(FailureReport(with(50)) == report)
    #expect(FailureReport(with(100)) == nil)
  }

  @Test(arguments: ["w.jsonl.gz", "w.json.gz"])
  func `A file without any event is left when it is to stop`(name: String) async throws {
    let place = try place()
    let filling = name.hasSuffix("l.gz") ? "\\n" : " "
    #expect(
      system("head -c 200000000 /dev/zero | tr '\\0' '\(filling)' | gzip > \(place.tree.path)/inbox/\(name)") == 0)
    let asked = Mutex(0)
    _ = try await place.inbox.work {
      asked.withLock {
        $0 += 1
        return $0 > 12
      }
    }
    #expect(asked.withLock { $0 } < 60)
    #expect(place.tree.names("inbox") == [name] && place.tree.names("state/claims/default") == [])
  }

  @Test func `Folders of claims go with the sub-folders that they were for`() async throws {
    let place = try Workplace { $0.recursive = true }
    for round in 1...3 {
      for number in 0..<10 { place.drop("\(round)-\(number)/a.json", id("\(round)-\(number)")) }
      _ = try await place.inbox.work()
      for number in 0..<10 { rmdir("\(place.tree.inbox)/\(round)-\(number)") }
      _ = try await place.inbox.work()
    }
    #expect(place.records.count == 30)
    #expect(place.tree.names("state/claims") == [] || place.tree.names("state/claims") == ["default"])
  }
}
