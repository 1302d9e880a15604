import Glibc
import SystemPackage
import TestSupport
import Testing

/// No answer and no stop waits for a file system that hangs.
@Suite(
  .tags(.spawned), .onlyInFullRuns, .timeLimit(.minutes(3)),
  .enabled(if: HungFolder.canBe, "skipped, because it takes root, /dev/fuse and python3"))
struct HungFolderTests {
  private func site(_ folder: HungFolder) async throws -> Site {
    let site = try await Site(hasSink: false)
    site.tree.write(
      """
      inboxes:
        - { name: share, path: \(folder.path), schedule: every 100ms, settle: 20ms }
        - { name: disk, path: inbox, schedule: every 100ms, settle: 20ms }
      admin: { listen: '127.0.0.1:0' }
      shutdownGrace: 1s
      """, to: "config.yaml")
    return site
  }

  @Test func `While an inbox hangs all is answered, the other goes on, and the stop ends in its time`() async throws {
    let folder = try await HungFolder()
    let site = try await site(folder)
    let (program, port) = try await site.startWithPage()
    #expect(try await site.get("/healthz", from: port).status == 200)
    folder.hang()
    let descriptors = site.tree.names("/proc/\(program.processID)/fd").count
    for _ in 0..<15 {
      for path in ["/healthz", "/metrics", "/api/status"] {
        #expect(try await site.get(path, from: port).status == 200)
      }
    }
    #expect(site.tree.names("/proc/\(program.processID)/fd").count < descriptors + 10)
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.records == ["e1.json"] })
    let answer = try await site.get("/readyz", from: port) {
      $0.body.contains("the inbox 'share' does not answer")
    }
    #expect(answer.status == 503 && answer.body.contains("the inbox 'share' does not answer"))
    let status = try await SpawnedProgram(["status", "--config", "\(site.tree.path)/config.yaml"]).end()
    #expect(status.code == 0 && status.output.contains("unknown  in \(folder.path)"))
    #expect(try await program.timeToEnd(afterSignal: SIGTERM) < .seconds(4))
    let end = try await program.end()
    #expect(end.code == 0)
    // It names what blocks it.
    let last = end.errors.split(separator: "\n").first { $0.contains("does not come to its end") }
    #expect(last?.contains("inbox share") == true && last?.contains("inbox disk") == false, "\(end.errors)")
  }

  @Test func `While one of its own folders hangs, the first answer comes soon as well`() async throws {
    let folder = try await HungFolder()
    let site = try await Site(hasSink: false)
    site.tree.write(
      """
      inboxes: [{ path: inbox, schedule: every 100ms, settle: 20ms }]
      folders: { failed: \(folder.path) }
      admin: { listen: '127.0.0.1:0' }
      shutdownGrace: 1s
      """, to: "config.yaml")
    let (program, port) = try await site.startWithPage()
    #expect(try await site.get("/metrics", from: port).status == 200)
    folder.hang()
    // Longer than any answer stays valid.
    try await Task.sleep(for: .seconds(3))
    let clock = ContinuousClock()
    for path in ["/metrics", "/api/status", "/readyz"] {
      let start = clock.now
      let answer = try await site.get(path, from: port)
      #expect(clock.now - start < .seconds(4), "\(path)")
      #expect(answer.body.contains("eventdrop_pending_events 0") || path != "/metrics")
    }
    program.signal(SIGKILL)
    _ = try await program.end()
  }

  @Test func `A configuration is read again while an inbox hangs`() async throws {
    let folder = try await HungFolder()
    let site = try await site(folder)
    let (program, port) = try await site.startWithPage()
    #expect(try await site.get("/healthz", from: port).status == 200)
    folder.hang()
    program.signal(SIGHUP)
    let line = try #require(try await program.errorLine(containing: "the page is at"))
    let digits = try #require(line.split(separator: "127.0.0.1:").last).prefix { $0 != "/" }
    let next = try #require(Int(digits))
    #expect(try await site.get("/healthz", from: next).status == 200)
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.records == ["e1.json"] })
    #expect(try await program.timeToEnd(afterSignal: SIGTERM) < .seconds(4))
    #expect(try await program.end().code == 0)
  }
}

/// What is known of folders that do not answer, and what is not.
@Suite(
  .tags(.spawned), .onlyInFullRuns, .timeLimit(.minutes(5)),
  .enabled(if: HungFolder.canBe, "skipped, because it takes root, /dev/fuse and python3"))
struct HungFolderStatusTests {
  private func perform(_ site: Site, _ words: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(words + ["--config", "\(site.tree.path)/config.yaml"]).end()
  }

  @Test(arguments: ["retry", "failed"], [false, true])
  func `What is in a folder that does not answer is unknown, and not 0`(hung: String, isRunning: Bool) async throws {
    let folder = try await HungFolder()
    let site = try await Site(hasSink: false)
    let configuration = """
      inboxes: [{ path: inbox, schedule: every 100ms, settle: 20ms }]
      folders: { \(hung): \(folder.path) }
      retry: { backoff: { first: 1h, max: 1h } }
      admin: { listen: '127.0.0.1:0' }
      shutdownGrace: 1s
      """
    site.tree.write(configuration, to: "config.yaml")
    #expect(try await perform(site, "run", "--once").code == 0)
    let daemon = isRunning ? try await site.startWithPage().program : nil
    folder.hang()
    let other = hung == "retry" ? "failed" : "retry"
    let text = try await perform(site, "status", "--exit-code")
    let verdict = text.output.prefix { $0 != "\n" }
    #expect(
      verdict.contains("does not answer: \(folder.path)") && verdict.contains("look at its file system"), "\(text)")
    #expect(text.code == 1)
    func row(_ name: String, _ end: SpawnedProgram.End) -> String? {
      end.output.split(separator: "\n").first { $0.hasPrefix("\(name) ") }.map { line in
        line.split(separator: " ").dropFirst().joined(separator: " ")
      }
    }
    #expect(row(hung, text) == "unknown" && row(other, text) == "0", "\(text)")
    #expect(row("claimed", text) == (hung == "retry" ? "unknown" : "0"), "\(text)")
    let json = try await perform(site, "status", "--json").output
    #expect(json.contains(#""\#(hung)":null"#) && json.contains(#""\#(other)":0"#), "\(json)")
    #expect(json.contains(#""claimed":\#(hung == "retry" ? "null" : "0")"#), "\(json)")
    site.tree.write(configuration + "\nlanguage: fr", to: "config.yaml")
    let french = try await perform(site, "status")
    #expect(row(hung, french) == "inconnu" && row(other, french) == "0", "\(french)")
    daemon?.signal(SIGKILL)
    _ = try await daemon?.end()
  }

  @Test(arguments: ["taken out", "moved"])
  func `A former inbox that does not answer delays no start, and its claims are put back once it answers`(
    change: String
  ) async throws {
    let folder = try await HungFolder()
    let site = try await Site(hasSink: false)
    func configure(_ inboxes: String) {
      site.tree.write(
        """
        inboxes:
          - { name: disk, path: inbox, schedule: every 100ms, settle: 20ms }
          \(inboxes)
        admin: { listen: off }
        shutdownGrace: 1s
        """, to: "config.yaml")
    }
    configure("- { name: share, path: \(folder.path) }")
    #expect(try await perform(site, "run", "--once").code == 0)
    site.tree.write(#"{"id":"k","type":"t"}"#, to: "state/claims/share/k.json")
    site.tree.write(#"{"id":"l","type":"t"}"#, to: "state/claims/share%2Fsub/l.json")
    folder.hang()
    configure(change == "moved" ? "- { name: share, path: elsewhere }" : "")
    site.drop("a.json", #"{"id":"a","type":"t"}"#)
    let clock = ContinuousClock()
    let begun = clock.now
    let once = try await perform(site, "run", "--once")
    #expect(clock.now - begun < .seconds(10))
    #expect(once.code == 1)
    #expect(
      once.errors.split(separator: "\n").count { $0.contains("a folder that is no longer an inbox does not answer") }
        == 1,
      "\(once)")
    #expect(once.errors.contains(folder.path) && once.errors.contains("look at its file system"), "\(once)")
    #expect(site.records.contains("a.json"))
    #expect(site.tree.names("failed") == [])
    // Nothing is known yet of what may lie in the folder.
    #expect(site.tree.names("state/origins").count { $0.hasPrefix("share") } == (change == "moved" ? 2 : 1))
    let daemon = try site.start()
    site.drop("b.json", #"{"id":"b","type":"t"}"#)
    #expect(await site.waits { site.records.contains("b.json") })
    let line = try #require(try await daemon.errorLine(containing: "former inboxes"))
    #expect(line.contains(folder.path) && line.contains("look at its file system"))
    #expect(await site.waits { site.tree.names("state").contains("troubles.json") })
    let status = try await perform(site, "status")
    #expect(status.output.contains("what was claimed from a former inbox cannot be put back"), "\(status)")
    folder.answer()
    #expect(
      await site.waits {
        site.tree.names("state/origins").count { $0.hasPrefix("share") } == (change == "moved" ? 1 : 0)
      })
    daemon.signal(SIGTERM)
    let end = try await daemon.end()
    #expect(end.code == 0)
    #expect(!end.errors.contains("it cannot go on"), "\(end)")
    if change == "taken out" {
      #expect(site.tree.names("failed").filter { !$0.hasSuffix(".error") } == ["k.json", "l.json"])
    } else {
      #expect(site.records.contains("k.json"))
    }
  }

  @Test(arguments: HungFolder.Way.allCases)
  func `An archive command on a share that does not answer holds up neither work nor stop`(
    way: HungFolder.Way
  ) async throws {
    let folder = try await HungFolder()
    let site = try await Site(hasSink: false)
    site.tree.write("admin: { listen: off }", to: "config.yaml")
    for day in ["2020-01-01", "2099-01-02", "2099-01-03", "2099-01-04"] {
      site.tree.write(
        #"{"eventId":"\#(day)","eventType":"t","processedAt":{"$date":"\#(day)T10:00:00Z"},"data":{}}"#,
        to: "export.json")
      #expect(try await perform(site, "import", "\(site.tree.path)/export.json").code == 0)
    }
    site.tree.write(
      """
      inboxes: [{ path: inbox, schedule: every 100ms, settle: 20ms }]
      retention: { schedule: every 100ms, archive: \(folder.path)/archive }
      notify: { command: \(folder.path)/notify, after: 1s }
      admin: { listen: '127.0.0.1:0' }
      shutdownGrace: 3s
      """, to: "config.yaml")
    site.tree.write("", to: "failed/by-hand.json")
    folder.hang(way)
    // While one process looks a name up, another that does so cannot even be killed.
    let first = try ["archive", "notify"].map { try SpawnedProgram(["\(folder.path)/\($0)"], executable: "/bin/cat") }
    try await Task.sleep(for: .seconds(1))
    let (daemon, port) = try await site.startWithPage()
    site.drop("z.json", "{")
    site.drop("a.json", #"{"id":"a","type":"t"}"#)
    #expect(await site.waits { site.records.contains("a.json") })
    // Until the commands hang.
    try await Task.sleep(for: .seconds(8))
    site.drop("b.json", #"{"id":"b","type":"t"}"#)
    #expect(await site.waits { site.records.contains("b.json") })
    #expect(try await site.get("/healthz", from: port).status == 200)
    // A command that asks such a server itself cannot even be killed.
    if way == .stopped {
      let check = try await perform(site, "check")
      #expect((check.output + check.errors).contains("it does not answer"), "\(check)")
    }
    #expect(try await daemon.timeToEnd(afterSignal: SIGTERM) < .seconds(4))
    // The commands end with it, and with them the output that they share with the daemon.
    folder.end()
    withExtendedLifetime(first) {}
    #expect(try await daemon.end().code == 0)
    #expect(site.tree.names("processed").contains("2020-01-01"))
  }
}

/// An empty folder of a FUSE server, which can be stopped.
final class HungFolder {
  static let canBe = getuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0 && access("/usr/bin/python3", X_OK) == 0

  private let tree = TemporaryTree()
  private let server: SpawnedProgram
  let path: String

  init() async throws {
    tree.write("", to: "folder/.keep")
    tree.remove("folder/.keep")
    tree.write(Self.script, to: "server.py")
    path = tree.path.appending("folder").string
    server = try SpawnedProgram(
      [tree.path.appending("server.py").string, path], executable: "/usr/bin/python3")
    _ = try await server.errorLine(containing: "mounted")
  }

  deinit {
    server.signal(SIGCONT)
    umount2(path, Int32(MNT_DETACH))
    server.signal(SIGKILL)
  }

  /// How the server does not answer.
  enum Way: CaseIterable {
    /// It takes no question.
    case stopped
    /// It takes them: a process that asks cannot be killed until it answers.
    case silent
  }

  func hang(_ way: Way = .stopped) {
    server.signal(way == .stopped ? SIGUSR2 : SIGUSR1)
    guard way == .stopped else { return }
    // It stops itself as soon as it has answered what it took.
    for _ in 0..<10_000 where !isStopped { usleep(1000) }
    #expect(isStopped)
  }

  private var isStopped: Bool {
    tree.readText("/proc/\(server.processID)/stat")?.split(separator: ")").last?.hasPrefix(" T") == true
  }

  /// Answers again, if it was stopped.
  func answer() { server.signal(SIGCONT) }

  /// Fails all that is asked, now and from now on.
  func end() { server.signal(SIGKILL) }

  /// Answers to the calls made when looking at an empty folder (fuse(4), linux/fuse.h).
  private static let script = """
    import ctypes, errno, os, select, signal, struct, sys, time
    # The thread that started us may have blocked them.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    silent = []
    signal.signal(signal.SIGUSR1, lambda *_: silent.append(1))
    signal.signal(signal.SIGUSR2, lambda *_: None)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    fd = os.open('/dev/fuse', os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f'fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other'.encode()
    if libc.mount(b'hung', sys.argv[1].encode(), b'fuse.hung', 0, options) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    print('mounted', file=sys.stderr, flush=True)
    now = int(time.time())
    attributes = struct.pack('<QQQQQQ10I', 1, 0, 0, now, now, now, 0, 0, 0, 0o40777, 2, 0, 0, 0, 4096, 0)
    answers = {
        26: struct.pack('<4I2H2I2H8I', 7, 31, 65536, 0, 12, 10, 65536, 1, 0, 0, *[0] * 8)[:64],
        3: struct.pack('<QII', 0, 0, 0) + attributes, 27: struct.pack('<QII', 1, 0, 0), 28: b'', 29: b'', 18: b'',
        25: b'', 14: b'', 17: struct.pack('<5Q4I', 1 << 20, 1 << 20, 1 << 20, 1 << 16, 1 << 16, 4096, 255, 4096, 0) + bytes(24)}
    while True:
        # A process whose question it has taken could not be killed: it stops between two questions.
        ready = select.select([fd, woken], [], [])[0]
        if woken in ready:
            if os.read(woken, 1)[0] == signal.SIGUSR2:
                os.kill(os.getpid(), signal.SIGSTOP)
            continue
        try:
            request = os.read(fd, 1 << 20)
        except OSError as error:
            if error.errno == errno.ENODEV:
                break
            continue
        _, operation, number = struct.unpack('<IIQ', request[:16])
        if silent or operation in (2, 42):
            continue
        data = answers.get(operation)
        code = 0 if data is not None else -errno.ENOENT if operation == 1 else -errno.ENOSYS
        os.write(fd, struct.pack('<IiQ', 16 + len(data or b''), code, number) + (data or b''))

    """
}
