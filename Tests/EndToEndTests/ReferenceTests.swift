import Glibc
import TestSupport
import Testing

/// The reference has what the program has, and nothing else.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct ReferenceTests {
  private static let folder = "Documentation/reference"

  private func same(_ documented: [String], _ present: [String], _ page: String) {
    #expect(Set(documented).count == documented.count, "\(page) names something twice")
    let missing = Set(present).subtracting(documented).sorted()
    let gone = Set(documented).subtracting(present).sorted()
    #expect(missing.isEmpty, "\(page) lacks \(missing)")
    #expect(gone.isEmpty, "\(page) has what the program does not have: \(gone)")
    #expect(!present.isEmpty)
  }

  // MARK: Keys

  /// The mappings that a value may be, each with the prefix of its keys' names.
  private func mappings(_ schema: JSONTree) -> [(prefix: String, properties: JSONTree)] {
    var found: [(String, JSONTree)] = []
    if let properties = schema["properties"], schema["additionalProperties"] != nil { found.append(("", properties)) }
    if let items = schema["items"] { found += mappings(items).map { ("[]" + $0.prefix, $0.properties) } }
    for choice in schema["anyOf"]?.elements ?? [] { found += mappings(choice) }
    return found
  }

  private func keys(_ schema: JSONTree, _ path: String = "") -> [String] {
    mappings(schema).flatMap { prefix, properties in
      properties.members.flatMap { name, value -> [String] in
        let key = path.isEmpty ? name : "\(path)\(prefix).\(name)"
        let isSection = value["anyOf"] == nil && !mappings(value).isEmpty
        return (isSection ? [] : [key]) + keys(value, key)
      }
    }
  }

  @Test func `Every key of the configuration is documented`() async throws {
    let schema = try JSONTree(try await SpawnedProgram(["schema"]).end().output)
    let page = "\(Self.folder)/configuration.md"
    let documented = try Repository.rows(of: page).flatMap { Repository.code(in: $0[0]) }
    same(documented, keys(schema), page)
  }

  // MARK: Commands

  /// An argument as the program prints it: `--config <file>`.
  private func spelling(_ argument: JSONTree) -> String {
    let value = "<\(argument["valueName"]?.string ?? "value")>"
    if argument["kind"]?.string == "positional" { return value }
    let names = (argument["names"]?.elements ?? []).map {
      ($0["kind"]?.string == "long" ? "--" : "-") + ($0["name"]?.string ?? "")
        + (argument["kind"]?.string == "option" ? " \(value)" : "")
    }
    return names.joined(separator: ", ")
  }

  private func oneLine(_ text: String?) -> String {
    (text ?? "").split { $0.isWhitespace }.joined(separator: " ").replacing("|", with: #"\|"#)
  }

  /// Each command by its heading, with its rows.
  private func commands(of command: JSONTree, _ before: String = "") -> [(heading: String, rows: [[String]])] {
    (command["subcommands"]?.elements ?? []).flatMap { one -> [(heading: String, rows: [[String]])] in
      let name = before + (one["commandName"]?.string ?? "")
      guard name != "help" else { return [] }
      let arguments = (one["arguments"]?.elements ?? []).filter { argument in
        let names = (argument["names"]?.elements ?? []).compactMap { $0["name"]?.string }
        return argument["shouldDisplay"]?.isTrue == true && !names.contains("help") && !names.contains("version")
      }
      let rows = arguments.map { argument in
        let preset = argument["defaultValue"]?.string.map { " Default: `\($0)`." } ?? ""
        return ["`\(spelling(argument))`", oneLine(argument["abstract"]?.string) + preset]
      }
      return [("## eventdrop \(name)", rows)] + commands(of: one, "\(name) ")
    }
  }

  @Test func `Every command and every option is documented, in the program's own words`() async throws {
    let help = try JSONTree(try await SpawnedProgram(["--experimental-dump-help"]).end().output)
    let commands = commands(of: try #require(help["command"]))
    #expect(commands.count >= 20)
    let page = "\(Self.folder)/commands.md"
    let headings = try Repository.text(page).split(separator: "\n").filter { $0.hasPrefix("## ") }.map(String.init)
    #expect(headings == commands.map(\.heading))
    for (heading, rows) in commands {
      #expect(try Repository.rows(of: page, below: heading) == rows, "\(heading)")
    }
  }

  // MARK: Messages

  /// The texts of string literals in Swift code before the fields of a message, each with `…` for interpolations.
  private func literals(_ code: Substring) -> [String] {
    var found: [String] = []
    var rest = code
    while let start = rest.firstIndex(of: "\"") {
      rest = rest[rest.index(after: start)...]
      guard let end = rest.firstIndex(of: "\"") else { break }
      found.append(String(rest[..<end]))
      rest = rest[rest.index(after: end)...]
    }
    return found
  }

  /// What is logged at warning or above: the texts passed to `logger`, and those of messages created elsewhere.
  private func logged() throws -> [String] {
    var texts: Set<String> = []
    for file in Repository.files(below: "Sources", ending: ".swift") {
      let source = try Repository.text(file)
      for call in source.matches(of: /logger\.(?:warning|error|critical|log)\(/) {
        var before = source[call.range.upperBound...].prefix(700)
        if let fields = before.firstRange(of: "metadata:") { before = before[..<fields.lowerBound] }
        let made = literals(before)
        #expect(!made.isEmpty || before.contains("kind.message"), "\(file) logs \(before) that is no text")
        texts.formUnion(made)
      }
      for made in source.matches(of: /: Logger\.Message \{/) {
        let body = source[made.range.upperBound...]
        texts.formUnion(literals(body[..<(body.firstRange(of: "\n    }\n")?.lowerBound ?? body.endIndex)]))
      }
    }
    return texts.sorted()
  }

  @Test func `Every log message at warning or above is documented`() throws {
    let page = "\(Self.folder)/messages.md"
    let documented = try Repository.rows(of: page).filter { $0.count == 3 }.flatMap { Repository.code(in: $0[0]) }
    let texts = try logged()
    #expect(texts.count >= 40 && texts.allSatisfy { !$0.contains(#"\("#) })
    same(documented, texts, page)
  }

  @Test func `Every reason of a report is documented`() throws {
    let page = "\(Self.folder)/messages.md"
    let source = try Repository.text("Sources/Events/FailureReason.swift")
    let reasons = source.matches(of: /FailureReason\(rawValue: "([a-z-]+)"\)/).map { String($0.1) }
    same(try Repository.rows(of: page, below: "## Reasons").flatMap { Repository.code(in: $0[0]) }, reasons, page)
  }

  // MARK: Metrics

  @Test func `Every metric and every label is documented`() async throws {
    let page = "\(Self.folder)/metrics.md"
    let rows = try Repository.rows(of: page)
    let source = try Repository.text("Sources/Operations/Metrics/MetricNames.swift")
    let names = source.matches(of: /"((?:eventdrop|process)_[a-z_]+)":/).map { String($0.1) }
    same(rows.flatMap { Repository.code(in: $0[0]) }, names, page)

    // Types and labels are those of a running daemon.
    let site = try await Site(sinkArguments: ["--reject", "e2"], admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    site.drop("2.json", "{")
    #expect(await site.waits { site.acknowledged == ["e1"] && site.tree.names("failed").contains("2.json") })
    let metrics = try await site.get("/metrics", from: port) { $0.body.contains("\neventdrop_failed_files{") }.body
    var types: [String: String] = [:]
    var labels: [String: Set<String>] = [:]
    for line in metrics.split(whereSeparator: \.isNewline) {
      if let found = line.wholeMatch(of: /# TYPE (\S+) (\S+)/) {
        types[String(found.1)] = String(found.2)
      } else if let sample = line.prefixMatch(of: /([a-z_]+)\{([^}]*)\}/) {
        let name = String(sample.1).replacing(/_(?:bucket|sum|count)$/, with: "")
        let own = types[name] == nil ? String(sample.1) : name
        labels[own, default: []].formUnion(
          sample.2.matches(of: /([a-z]+)="/).map { String($0.1) }.filter { $0 != "le" })
      }
    }
    for row in rows {
      let name = Repository.code(in: row[0])[0]
      guard let type = types[name] else { continue }
      #expect(row[1] == type, "\(name)")
      #expect(Set(Repository.code(in: row[2])) == labels[name, default: []], "\(name)")
    }
    #expect(types.count >= names.count - 3, "\(Set(names).subtracting(types.keys))")
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }
}
