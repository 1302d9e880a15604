import Glibc
import SystemPackage
import TestSupport
import Testing

/// A command that is offered works as printed: for that event, and with that configuration.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct OfferedCommandTests {
  private func run(_ site: Site, _ words: String...) async throws -> SpawnedProgram.End {
    try await run(site, words)
  }

  private func run(_ site: Site, _ words: [String]) async throws -> SpawnedProgram.End {
    let config = ["--config", site.tree.path.appending("config.yaml").string]
    return try await SpawnedProgram(Array(words.prefix(1)) + config + Array(words.dropFirst())).end()
  }

  /// Runs a printed command, in a shell that knows the program.
  private func follow(_ command: some StringProtocol) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(
      ["-c", "eventdrop() { '\(SpawnedProgram.path(of: "eventdrop"))' \"$@\"; }; \(command)"], executable: "/bin/bash"
    ).end()
  }

  /// The command in a line, from its name on.
  private func command(_ output: String, _ begin: String, until end: String = "\n") throws -> Substring {
    let start = try #require(output.firstRange(of: begin)?.lowerBound, "\(output)")
    let rest = output[start...]
    return rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)]
  }

  private func conflict(_ id: String) async throws -> Site {
    let site = try await Site(hasSink: false, in: nil)
    let escaped = id.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    for (name, data) in [("a.json", "1"), ("b.json", "2")] {
      site.drop(name, #"{"eventId":"\#(escaped)","eventType":"T","data":\#(data)}"#)
      _ = try await run(site, "run", "--once")
    }
    #expect(site.tree.names("failed") == ["b.json", "b.json.error"])
    return site
  }

  static let ids = ["o 1", "-1", "--replace", "it's", "a\\b\"c", "$HOME `id`", "*", "x\u{202E}y", "café", "#1", "~"]

  @Test(arguments: ids)
  func `Either side of a conflict wins by the command that is printed`(id: String) async throws {
    for (begin, isReplaced) in [("eventdrop reprocess ", true), ("eventdrop discard ", false)] {
      let site = try await conflict(id)
      let diff = try await run(site, "diff", "--", id)
      #expect(diff.code == 0, "\(diff)")
      let followed = try await follow(try command(diff.output, begin))
      #expect(followed.code == 0, "\(followed)")
      #expect(site.tree.names("inbox") == (isReplaced ? ["b.json"] : []), "\(diff)")
      #expect(site.tree.names("failed") == [])
    }
  }

  @Test(arguments: ["-1", "no such"])
  func `What is offered where nothing is known works`(id: String) async throws {
    let site = try await conflict("x")
    for (words, begin, end) in [
      (["show", "--", id], "eventdrop list", " shows"), (["diff", "--", id], "eventdrop list", " shows"),
      (["discard", "--", id], "eventdrop list", " shows"), (["reprocess", "--", id], "eventdrop show", " shows"),
    ] {
      let said = try await run(site, words)
      let followed = try await follow(try command(said.errors, begin, until: end))
      // One has nothing to show about it, and says so.
      #expect(followed.code == (begin == "eventdrop show" ? 1 : 0), "\(said) \(followed)")
      #expect(!followed.errors.contains("no such file"), "\(followed)")
    }
  }

  @Test func `A folder with a blank in its name is no obstacle, and status offers the rest of a list`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(site.configuration.replacing("attempts: 2", with: "attempts: 1"), to: "my config.yaml")
    site.tree.write(#"x"#, to: "inbox/.keep")
    for number in 1...8 { site.drop("bad\(number).json", "{") }
    let config = ["--config", site.tree.path.appending("my config.yaml").string]
    for _ in 0..<40 where site.tree.names("failed").count < 16 {
      _ = try await SpawnedProgram(["run", "--once"] + config).end()
    }
    let status = try await SpawnedProgram(["status"] + config).end()
    let all = try command(status.output, "3 more: eventdrop list").dropFirst("3 more: ".count)
    #expect(all.contains("--status failed --reason invalid-json --inbox default"), "\(status)")
    let followed = try await follow(all + " --json")
    #expect(followed.output.split(separator: "\n").count == 8, "\(status) \(followed)")
    // If no configuration was named, the command names none.
    let plain = try await SpawnedProgram(["status"], environment: ["EVENTDROP_CONFIG": config[1]]).end()
    #expect(plain.output.contains("eventdrop list --status failed"), "\(plain)")
  }
}
