import Glibc
import SystemPackage
import TestSupport
import Testing

/// `eventdrop test FILE` says what would happen to a file, whatever it is and wherever it is.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct DropTrialTests {
  private func test(_ site: Site, _ file: String) async throws -> SpawnedProgram.End {
    let path = site.tree.path.pushing(FilePath(file)).string
    let config = site.tree.path.appending("config.yaml").string
    return try await SpawnedProgram(["test", path, "--config", config]).end()
  }

  private func write(_ site: Site, _ inbox: String) {
    site.tree.write("inboxes: [{ path: inbox, settle: 0s\(inbox) }]\nadmin: { listen: off }\n", to: "config.yaml")
  }

  private func shell(_ command: String) async throws {
    let end = try await SpawnedProgram(["-c", command], executable: "/bin/sh").end()
    #expect(end.code == 0, "\(end)")
  }

  // MARK: Content

  @Test(arguments: [10, 150, 5000])
  func `A packed file that was cut is reported, however far behind`(count: Int) async throws {
    let site = try await Site(hasSink: false)
    write(site, "")
    let text = (1...count).map { #"{"id":"e\#($0)","type":"t","data":{"n":\#($0 * 7919 % 10_007)}}"# + "\n" }.joined()
    site.tree.write(text, to: "whole.jsonl")
    site.tree.write("[" + text.split(separator: "\n").joined(separator: ",") + "]", to: "whole.json")
    for name in ["whole.jsonl", "whole.json"] {
      let path = site.tree.path.appending(name).string
      try await shell("gzip -nk '\(path)'")
      let whole = try await test(site, "\(name).gz")
      #expect(whole.code == 0, "\(whole)")
      // In the middle, and within gzip's own last bytes, after all events.
      let size = site.tree.read("\(name).gz")?.count ?? 0
      for end in [size / 2, size - 5] {
        site.tree.write((site.tree.read("\(name).gz") ?? []).prefix(end), to: "cut-\(name).gz")
        let cut = try await test(site, "cut-\(name).gz")
        #expect(cut.code == 1 && cut.output.contains("ends in the middle"), "\(name) \(end) of \(size): \(cut)")
        // Nothing is stored by a trial.
        #expect(!cut.output.contains("stored") || cut.output.contains("would be stored"), "\(cut)")
      }
    }
  }

  @Test func `A bad event behind those that are shown is reported`() async throws {
    let site = try await Site(hasSink: false)
    write(site, "")
    let good = (1...400).map { #"{"id":"e\#($0)","type":"t"}"# + "\n" }.joined()
    site.tree.write(good + "{\"id\":\n", to: "late.jsonl")
    let end = try await test(site, "late.jsonl")
    #expect(end.code == 1 && end.output.contains("event 401: failed"), "\(end.output.suffix(500))")
  }

  @Test func `A file without an event is said to go without a record`() async throws {
    let site = try await Site(hasSink: false)
    write(site, "")
    for (name, content) in [("none.jsonl", ""), ("blank.jsonl", "\n\n"), ("none.json", "[]")] {
      site.tree.write(content, to: "inbox/\(name)")
      let end = try await test(site, "inbox/\(name)")
      #expect(end.code == 0 && end.output.contains("there is no event in it; it is removed"), "\(name): \(end)")
    }
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.tree.names("inbox") == [] && site.records == [])
  }

  @Test func `An inbox that is named is not said to take a name that it does not take`() async throws {
    let site = try await Site(hasSink: false)
    write(site, ", name: w")
    for name in ["t.txt", "t.json"] { site.tree.write(#"{"id":"e","type":"t"}"#, to: name) }
    let arguments = ["--inbox", "w", "--config", site.tree.path.appending("config.yaml").string]
    func output(_ name: String) async throws -> String {
      try await SpawnedProgram(["test", site.tree.path.appending(name).string] + arguments).end().output
    }
    let (other, taken) = (try await output("t.txt"), try await output("t.json"))
    #expect(!other.contains("takes files of this name") && other.contains("no-pattern"), "\(other)")
    #expect(taken.contains("w, which takes files of this name"), "\(taken)")
  }

  @Test func `A record is known by its own id, whatever prefix its inbox has`() async throws {
    let site = try await Site(hasSink: false)
    write(site, ", eventIdPrefix: 'shop:'")
    site.drop("1.json", #"{"id":"1","type":"t"}"#)
    _ = try await SpawnedProgram(["run", "--once", "--config", site.tree.path.appending("config.yaml").string]).end()
    #expect(site.records == ["shop%3A1.json"])
    site.tree.write(try #require(site.record("shop%3A1.json")), to: "again.json")
    let end = try await test(site, "again.json")
    #expect(end.code == 0 && end.output.contains("  eventId    shop:1\n"), "\(end)")
    #expect(end.output.contains("\nduplicate: "), "\(end)")
  }

  // MARK: What it is, and why it is still there

  @Test func `Folders, markers, links and pipes are what they are`() async throws {
    let site = try await Site(hasSink: false)
    write(site, ", marker: .done")
    let inbox = site.tree.inbox.string
    site.tree.write("{}", to: "inbox/sub/x.json")
    site.tree.write("{}", to: "inbox/sub.json/x.json")
    site.tree.write("", to: "inbox/lonely.json.done")
    site.tree.write("", to: "inbox/a.json.DONE")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.json")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/twice.json")
    site.tree.write("", to: "inbox/twice.json.done")
    #expect(link("\(inbox)/twice.json", "\(inbox)/../other-name.json") == 0)
    #expect(symlink("a.json", "\(inbox)/link.json") == 0 && symlink("a.json", "\(inbox)/link.txt") == 0)
    #expect(mkfifo("\(inbox)/pipe.json", 0o600) == 0)
    for (file, isGood, said, unsaid) in [
      ("inbox/sub", false, "sub-folder: it is a folder", "failed/"),
      ("inbox/sub.json", false, "sub-folder: it is a folder", "failed/"),
      ("inbox/sub/x.json", false, "sub-folder: it lies in a sub-folder", "ready"),
      ("inbox/lonely.json.done", false, "no-pattern: it is the marker of lonely.json, which is not there", "wrong"),
      ("inbox/a.json.DONE", false, "it is the marker of a.json, and goes with it", "wrong"),
      ("inbox/a.json", true, "ready", "but "),
      ("inbox/twice.json", false, "a file of 2 names (hard links)", "ready"),
      ("other-name.json", false, "a file of 2 names (hard links)", "ready"),
      ("inbox/link.json", false, "a symbolic link, which is never followed; it is moved to failed/", "no-pattern"),
      ("inbox/link.txt", false, "no-pattern: its name matches no pattern", "moved to failed/"),
      ("inbox/pipe.json", false, "a pipe, which is never opened", "ready"),
    ] {
      let end = try await test(site, file)
      #expect((end.code == 0) == isGood, "\(file): \(end)")
      #expect(end.output.contains(said) && !end.output.contains(unsaid), "\(file): \(end)")
    }
  }

  @Test func `In a recursive inbox, files in sub-folders are taken, but not those in hidden ones`() async throws {
    let site = try await Site(hasSink: false)
    write(site, ", recursive: true")
    for file in ["inbox/sub/x.json", "inbox/.sub/x.json", "inbox/sub/.deep/x.json"] {
      site.tree.write(#"{"id":"1","type":"t"}"#, to: file)
    }
    #expect(try await test(site, "inbox/sub/x.json").code == 0)
    for file in ["inbox/.sub/x.json", "inbox/sub/.deep/x.json"] {
      let end = try await test(site, file)
      #expect(end.code == 1 && end.output.contains("sub-folder: ") && end.output.contains("hidden"), "\(end)")
    }
    #expect(try await test(site, "inbox/sub").output.contains("name one of them"))
  }

  @Test func `Each reason for which a file waits is named`() async throws {
    let site = try await Site(hasSink: false)
    write(site, ", exclude: ['*.tmp.json']")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.json")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.tmp.json")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.xml")
    #expect(try await test(site, "inbox/a.json").code == 0)
    for file in ["inbox/a.tmp.json", "inbox/a.xml"] {
      let end = try await test(site, file)
      #expect(end.code == 1 && end.output.contains("but      no-pattern: "), "\(end)")
    }
    let descriptor = open("\(site.tree.inbox)/a.json", O_WRONLY | O_APPEND | O_CLOEXEC)
    #expect(try await test(site, "inbox/a.json").output.contains("but      open: "))
    close(descriptor)
    write(site, ", marker: .done")
    #expect(try await test(site, "inbox/a.json").output.contains("but      no-marker: "))
    site.tree.write("inboxes: [{ path: inbox, settle: 1h }]\n", to: "config.yaml")
    #expect(try await test(site, "inbox/a.json").output.contains("but      settling: "))
    // One component of its path is not a folder.
    let lost = try await test(site, "config.yaml/a.json")
    #expect(lost.code == 1 && lost.errors.contains("Not a directory"), "\(lost)")
  }

  @Test(.enabled(if: OtherUser.isThere, "skipped, because to be another user takes root and setpriv"))
  func `What cannot be read, or moved, is unreadable`() async throws {
    let site = try await Site(hasSink: false)
    write(site, "")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.json")
    let (path, config) = ("\(site.tree.inbox)/a.json", "\(site.tree.path)/config.yaml")
    #expect(chmod(site.tree.path.string, 0o755) == 0 && chmod(config, 0o644) == 0)
    #expect(chmod(path, 0o600) == 0 && chmod(site.tree.inbox.string, 0o777) == 0)
    let unread = try await OtherUser.start(["test", path, "--config", config]).end()
    #expect(unread.code == 1 && unread.output.contains("but      unreadable: "), "\(unread)")
    #expect(chmod(path, 0o644) == 0 && chmod(site.tree.inbox.string, 0o755) == 0)
    let unmoved = try await OtherUser.start(["test", path, "--config", config]).end()
    #expect(unmoved.code == 1 && unmoved.output.contains("no right to move it"), "\(unmoved)")
  }

  @Test(.enabled(if: SmallVolume.reasonToSkip == nil, "skipped, because mounting a file system takes root"))
  func `Where there is no room, that is said`() async throws {
    let volume = try #require(SmallVolume(.memory(files: 100), bytes: 1 << 20))
    let site = try await Site(hasSink: false)
    site.tree.write(
      "inboxes: [{ path: inbox, settle: 0s }]\nfolders: { processed: \(volume.path)/processed }\n", to: "config.yaml")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.json")
    #expect(try await test(site, "inbox/a.json").code == 0)
    // The folder of records does not exist yet, and will be created there.
    volume.fill(leaving: 16_384)
    let end = try await test(site, "inbox/a.json")
    #expect(end.code == 1 && end.output.contains("but      no-room: "), "\(end)")
    volume.makeRoom()
    volume.fillFiles(leaving: 8)
    #expect(try await test(site, "inbox/a.json").output.contains("but      no-room: "))
  }
}
