internal import Glibc
internal import Synchronization

/// The built program, run as a separate process; for tests of what a shell sees.
package final class SpawnedProgram: Sendable {
  /// How it ended.
  package struct End: Sendable {
    /// Its exit code; 128 and the signal's number if a signal ended it, as in shells.
    package var code: Int
    package var output: String
    package var errors: String
  }

  package let processID: Int32
  private let output: Int32
  private let errors: Int32
  private let isReaped = Atomic(false)

  /// Where the build put a program: next to the tests.
  package static func path(of name: String) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/\(name)"
  }

  /// Starts `eventdrop`, or another program, with these arguments, its standard input empty or the one given.
  package init(
    _ arguments: [String], executable: String? = nil, input: Int32? = nil, environment: [String: String] = [:]
  ) throws {
    var out: [Int32] = [0, 0]
    var err: [Int32] = [0, 0]
    guard Self.connect(&out), Self.connect(&err) else {
      throw LoopbackConnection.Failure(call: "socketpair", code: errno)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, out[1], 1)
    posix_spawn_file_actions_adddup2(&actions, err[1], 2)
    let path = executable ?? Self.path(of: "eventdrop")
    var all = ["PATH": "/usr/bin:/bin"]
    all.merge(environment) { _, new in new }
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + variables { free(word) } }
    var processID: pid_t = 0
    let status = posix_spawn(&processID, path, &actions, nil, &words, &variables)
    close(out[1])
    close(err[1])
    guard status == 0 else { throw LoopbackConnection.Failure(call: "posix_spawn \(path)", code: status) }
    self.processID = processID
    output = out[0]
    errors = err[0]
  }

  deinit {
    // If a test failed before the program's end; otherwise it is already gone, and reaped.
    if !isReaped.load(ordering: .relaxed) {
      kill(processID, SIGKILL)
      waitpid(processID, nil, 0)
    }
    close(output)
    close(errors)
  }

  /// Two ends that no other process inherits, not even one that another test starts at this moment.
  package static func connect(_ ends: inout [Int32]) -> Bool {
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
  }

  package func signal(_ number: Int32) {
    kill(processID, number)
  }

  /// Signals it, and measures how long it takes to end: on its own thread, so that no other test delays it.
  package func timeToEnd(afterSignal number: Int32) async throws -> Duration {
    try await onOwnThread { [processID] in
      let clock = ContinuousClock()
      let start = clock.now
      kill(processID, number)
      var info = siginfo_t()
      // It is left for `end` (waitid(2), WNOWAIT).
      while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
      return clock.now - start
    }
  }

  /// Reads standard output up to a line with this beginning, and returns the rest of that line.
  package func lineAfter(_ beginning: String) async throws -> String? {
    try await onOwnThread { [output] in Self.readLine(output, after: beginning) }
  }

  /// Reads standard error up to a line with this beginning, and returns the rest of that line.
  package func errorLineAfter(_ beginning: String) async throws -> String? {
    try await onOwnThread { [errors] in Self.readLine(errors, after: beginning) }
  }

  /// Reads standard error up to a line that contains this, and returns that line.
  package func errorLine(containing text: String) async throws -> String? {
    while let line = try await errorLineAfter("") {
      if line.contains(text) { return line }
    }
    return nil
  }

  private static func readLine(_ descriptor: Int32, after beginning: String) -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) == 1 {
      guard byte == 0x0A else {
        line.append(byte)
        continue
      }
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix(beginning) { return String(text.dropFirst(beginning.count)) }
      line = []
    }
    return nil
  }

  /// Waits for its end and returns everything it wrote that has not been read.
  package func end() async throws -> End {
    async let output = onOwnThread { [self] in Self.readAll(self.output) }
    async let errors = onOwnThread { [self] in Self.readAll(self.errors) }
    let (out, err) = try await (output, errors)
    let status = try await onOwnThread { [self] in
      var status: Int32 = 0
      while waitpid(processID, &status, 0) < 0, errno == EINTR {}
      isReaped.store(true, ordering: .relaxed)
      return status
    }
    // WEXITSTATUS and WTERMSIG of wait(2).
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    return End(code: Int(code), output: out, errors: err)
  }

  private static func readAll(_ descriptor: Int32) -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: all, as: UTF8.self) }
      all += buffer[..<count]
    }
  }
}
