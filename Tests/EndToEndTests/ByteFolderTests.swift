import TestSupport
import Testing

/// Folders whose paths are not UTF-8.
@Suite(.tags(.spawned), .timeLimit(.minutes(2))) struct ByteFolderTests {
  /// Performs a command in the folder `caf\xE9` of a tree, in which `config.yaml` is.
  private func perform(
    _ words: [String], _ configuration: String, in tree: TemporaryTree, environment: [String: String] = [:]
  ) async throws -> SpawnedProgram.End {
    tree.write(configuration, to: "config.yaml")
    let script = #"""
      folder="$1/$(printf 'caf\351')"; program=$2; shift 2
      mkdir -p "$folder" && cp config.yaml "$folder" && cd "$folder" && DROPS=$(printf '/tmp/caf\351') "$program" "$@"
      """#
    return try await SpawnedProgram(
      ["-c", "cd '\(tree.path)'; set -- '\(tree.path)' \"$@\"; \(script)", "sh", SpawnedProgram.path(of: "eventdrop")]
        + words, executable: "/bin/sh", environment: environment
    ).end()
  }

  @Test(arguments: [["check"], ["run", "--once"], ["status"], ["list"], ["show", "a"]])
  func `A folder whose path is not UTF-8 is refused, and none is made beside it`(words: [String]) async throws {
    let tree = TemporaryTree()
    let end = try await perform(words, "inboxes: [{ path: inbox }]\nadmin: { listen: off }", in: tree)
    #expect(end.code == 78)
    #expect(end.errors.contains(#"/caf\xE9/inbox; move the configuration"#), "\(end)")
    #expect(end.errors.split(separator: "\n").count == 1)
    #expect(tree.names("").count == 2)
    let french = try await perform(words, "language: fr\nadmin: { listen: off }", in: tree)
    #expect(french.errors.contains("n’est pas en UTF-8") && french.errors.contains(#"caf\xE9/inbox"#), "\(french)")
  }

  @Test func `A configuration in such a folder works with full paths`() async throws {
    let tree = TemporaryTree()
    let folders = ["processed", "retry", "failed", "state"].map { "\($0): \(tree.path)/\($0)" }
    let configuration = """
      inboxes: [{ path: \(tree.path)/inbox, settle: 0s }]
      folders: { \(folders.joined(separator: ", ")) }
      admin: { listen: off }
      """
    tree.write(#"{"id":"a","type":"t"}"#, to: "inbox/a.json")
    #expect(try await perform(["check"], configuration, in: tree).code == 0)
    #expect(try await perform(["run", "--once"], configuration, in: tree).code == 0)
    #expect(try await perform(["list"], configuration, in: tree).output.contains("a"))
    #expect(tree.names("inbox") == [])
  }

  @Test func `A variable that is not UTF-8 is refused, and not taken for another path`() async throws {
    let tree = TemporaryTree()
    let end = try await perform(["check"], "inboxes: [{ path: \"${DROPS}\" }]", in: tree)
    #expect(end.code == 78 && end.errors.contains("the environment variable 'DROPS' is not UTF-8"), "\(end)")
  }

  @Test func `A sub-folder whose name is not UTF-8 is worked on, and shown as it can be typed`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(
      "inboxes: [{ path: inbox, recursive: true, settle: 0s }]\nadmin: { listen: off }", to: "config.yaml")
    let script = #"""
      mkdir "$1/$(printf 'caf\351')" && printf '{"id":"a","type":"t"}' > "$1/$(printf 'caf\351')/a.json"
      """#
    let made = try await SpawnedProgram(
      ["-c", script, "sh", "\(site.tree.path)/inbox"], executable: "/bin/sh"
    ).end()
    #expect(made.code == 0)
    let end = try await SpawnedProgram(["run", "--once", "--config", "\(site.tree.path)/config.yaml"]).end()
    #expect(end.code == 0 && site.records == ["a.json"], "\(end)")
  }
}
