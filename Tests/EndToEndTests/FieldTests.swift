import Glibc
import SystemPackage
import TestSupport
import Testing

/// `packaging/API.md` has every field that programs get, and nothing else.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct FieldTests {
  private static let page = "packaging/API.md"

  /// The text between backquotes below a heading.
  private func words(below heading: String) throws -> Set<String> {
    let text = try Repository.text(Self.page)
    let start = try #require(text.firstRange(of: "\n\(heading)\n"), "there is no \(heading)").upperBound
    let section = text[start...]
    let end = section.firstRange(of: "\n## ")?.lowerBound ?? section.endIndex
    return Set(Repository.code(in: String(section[..<end])))
  }

  /// The members of the tables below a heading: their first column.
  private func members(below heading: String) throws -> Set<String> {
    let rows = try Repository.rows(of: Self.page, below: heading)
    return Set(rows.flatMap { Repository.code(in: $0[0]) }.map { $0.replacing("[]", with: "") })
  }

  /// The names of all members in a text; an event's own, and those with a table of their own, are left out.
  private func names(in tree: JSONTree) -> Set<String> {
    let foreign: Set<String> = ["record", "arguments", "messages", "error", "event"]
    var names: Set<String> = []
    for (name, value) in tree.members {
      names.insert(name)
      if !foreign.contains(name) { names.formUnion(self.names(in: value)) }
    }
    for element in tree.elements { names.formUnion(self.names(in: element)) }
    return names
  }

  private func compare(
    _ tree: JSONTree, with heading: String, and others: [String] = [], mayLack: Set<String> = []
  )
    throws
  {
    let top = Set(tree.members.map(\.name))
    let documented = try members(below: heading)
    #expect(top.subtracting(documented).isEmpty, "\(heading) lacks \(top.subtracting(documented).sorted())")
    let gone = documented.subtracting(top).subtracting(mayLack)
    #expect(gone.isEmpty, "\(heading) has what is not there: \(gone.sorted())")
    let known = try ([heading] + others).reduce(into: Set<String>()) { $0.formUnion(try words(below: $1)) }
    let unknown = names(in: tree).filter { !known.contains($0) && !known.contains("\($0)[]") }
    #expect(unknown.isEmpty, "\(heading) says nothing of \(unknown.sorted())")
  }

  @Test func `Every field that programs get is documented`() async throws {
    let site = try await Site()
    let config = ["--config", site.tree.path.appending("config.yaml").string]
    func json(_ words: String...) async throws -> [JSONTree] {
      let end = try await SpawnedProgram(words + ["--json"] + config).end()
      // One object, which has line breaks if a sidecar in it does, or one object per line.
      if let one = try? JSONTree(end.output) { return [one] }
      return try end.output.split(separator: "\n").map { try JSONTree(String($0)) }
    }
    site.drop("a.json", #"{"id":"a","type":"t","data":1}"#)
    #expect(try await site.start(["--once"]).end().code == 0)
    site.drop("b.json", #"{"id":"a","type":"t","data":2}"#)
    site.drop("bad.json", "{")
    _ = try await site.start(["--once"]).end()
    #expect(site.tree.names("failed").contains("b.json.error"))

    let status = try #require(try await json("status").first)
    try compare(status, with: "## Status", and: ["## Failures", "## Event"])
    for event in try await json("list") { try compare(event, with: "## Event") }
    for count in try await json("report") {
      let words = try words(below: "## Count")
      #expect(Set(count.members.map(\.name)).isSubset(of: words))
    }
    let account = try #require(try await json("show", "a").first)
    try compare(account, with: "## Account", and: ["## Event"])

    let optional: Set<String> = [
      "line", "column", "offset", "httpStatus", "response", "nextAttemptAt", "count", "droppedAsBytes",
    ]
    for name in site.tree.names("failed") + site.tree.names("retry") where name.hasSuffix(".error") {
      let folder = site.tree.names("failed").contains(name) ? "failed" : "retry"
      let sidecar = try JSONTree(try #require(site.tree.readText("\(folder)/\(name)")))
      try compare(sidecar, with: "## Sidecar", mayLack: optional.union(["eventId", "eventType"]))
    }
  }

  @Test func `No word is documented that the program does not have`() throws {
    let source = try Repository.files(below: "Sources", ending: ".swift").map { try Repository.text($0) }.joined()
    let cases = source.matches(of: /\n *case ([a-zA-Z, ]+)/).flatMap {
      $0.1.split(separator: ",").map { $0.filter { $0 != " " } }
    }
    let known = Set(cases)
    let text = try Repository.text(Self.page)
    // Every second part is inside a block.
    let prose = text.split(separator: "```", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined()
    let words = Set(Repository.code(in: prose).map { $0.replacing("[]", with: "") })
    let names = words.filter { $0.wholeMatch(of: /[a-z][A-Za-z]*/) != nil }
    #expect(names.count > 80)
    for name in names { #expect(source.contains("\"\(name)\"") || known.contains(name), "\(name)") }
  }
}
