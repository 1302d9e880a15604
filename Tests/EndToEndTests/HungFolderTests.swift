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
    var answer = try await site.get("/readyz", from: port)
    for _ in 0..<300 where !answer.body.contains("the inbox 'share' does not answer") {
      try await Task.sleep(for: .milliseconds(100))
      answer = try await site.get("/readyz", from: port)
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

  func hang() { server.signal(SIGSTOP) }

  /// Answers to the calls made when looking at an empty folder (fuse(4), linux/fuse.h).
  private static let script = """
    import ctypes, errno, os, struct, sys, time
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
        try:
            request = os.read(fd, 1 << 20)
        except OSError as error:
            if error.errno == errno.ENODEV:
                break
            continue
        _, operation, number = struct.unpack('<IIQ', request[:16])
        if operation in (2, 42):
            continue
        data = answers.get(operation)
        code = 0 if data is not None else -errno.ENOENT if operation == 1 else -errno.ENOSYS
        os.write(fd, struct.pack('<IiQ', 16 + len(data or b''), code, number) + (data or b''))

    """
}
