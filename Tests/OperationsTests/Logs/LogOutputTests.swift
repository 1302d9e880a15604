import Glibc
import Logging
import Operations
import Settings
import Synchronization
import TestSupport
import Testing
import Time

/// What was written to a pipe or a terminal.
private struct Reader {
  let reading: Int32
  let writing: Int32

  /// Two connected ends.
  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(SpawnedProgram.connect(&ends))
    (reading, writing) = (ends[0], ends[1])
  }

  /// A terminal of some width.
  init(columns: UInt16) throws {
    reading = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var isLocked: Int32 = 0
    var number: UInt32 = 0
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), whose macros Swift does not import.
    try #require(ioctl(reading, 0x4004_5431, &isLocked) == 0 && ioctl(reading, 0x8004_5430, &number) == 0)
    writing = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(writing >= 0)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(writing, UInt(TIOCSWINSZ), &size) == 0)
  }

  var writer: LineWriter { LineWriter(descriptor: writing) }

  /// What has been written; the writing end is closed first.
  func all() -> String {
    close(writing)
    defer { close(reading) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(reading, &buffer, buffer.count)
      // A terminal whose other end is closed fails with EIO.
      guard count > 0 else { return String(decoding: all, as: UTF8.self) }
      all += buffer[..<count]
    }
  }
}

/// A clock that stands still until it is set.
private final class SetClock: WallClock {
  private let time = Mutex(Duration.zero)

  func now() -> Timestamp { Timestamp(milliseconds: 0) + uptime() }
  func uptime() -> Duration { time.withLock { $0 } }
  func sleep(for duration: Duration) async throws {}
  func set(_ uptime: Duration) { time.withLock { $0 = uptime } }
}

struct LogOutputTests {
  @Test("Into a pipe the automatic format is JSON, a line each, from the level on")
  func jsonIntoPipe() throws {
    let reader = try Reader()
    let output = LogOutput(level: .notice, writer: reader.writer, clock: SetClock())
    var logger = output.logger("test")
    logger[metadataKey: "inbox"] = "default"
    logger.info("no")
    logger.notice("yes", metadata: ["n": "1"])
    let fields = #""level":"notice","message":"yes","inbox":"default","n":"1""#
    #expect(reader.all() == #"{"time":"1970-01-01T00:00:00.000Z","# + fields + "}\n")
  }

  @Test("On a terminal it is text, in colour only where that is allowed", arguments: [true, false])
  func textOnTerminal(colour: Bool) throws {
    let reader = try Reader(columns: 100)
    let output = LogOutput(writer: reader.writer, allowsColour: colour, clock: SetClock())
    output.logger("test").info("m")
    let level = colour ? "\u{1B}[32minfo    \u{1B}[0m" : "info    "
    #expect(reader.all() == "1970-01-01T00:00:00.000Z \(level) m\r\n")
  }

  @Test("A file that is no terminal gets text without colour where text is asked for")
  func textIntoPipe() throws {
    let reader = try Reader()
    let output = LogOutput(format: .text, writer: reader.writer, allowsColour: true, clock: SetClock())
    output.logger("test").info("m")
    #expect(reader.all() == "1970-01-01T00:00:00.000Z info     m\n")
  }

  @Test("A level set later holds for loggers that exist, but for those with one of their own")
  func levelChanges() throws {
    let reader = try Reader()
    let output = LogOutput(level: .info, format: .text, writer: reader.writer, clock: SetClock())
    let follower = output.logger("a")
    var own = output.logger("b")
    own.logLevel = .error
    output.level = .debug
    follower.debug("logged")
    own.warning("not logged")
    #expect(output.level == .debug)
    #expect(reader.all() == "1970-01-01T00:00:00.000Z debug    logged\n")
  }

  @Test("What repeats itself is reported once and then with its count, until the minute is over and at the end")
  func flood() throws {
    let reader = try Reader()
    let clock = SetClock()
    let output = LogOutput(format: .text, writer: reader.writer, clock: clock)
    let logger = output.logger("test")
    for second in 0..<5 {
      clock.set(.seconds(second))
      logger.warning("disk full", metadata: ["folder": "retry"])
      logger.warning("disk full", metadata: ["folder": "failed-\(second)"])
    }
    clock.set(.seconds(60))
    output.logRepeats()
    logger.warning("disk full", metadata: ["folder": "retry"])
    logger.warning("disk full", metadata: ["folder": "retry"])
    output.finish()
    let lines = reader.all().split(separator: "\n").filter { $0.contains("folder=retry") }
    #expect(
      lines == [
        "1970-01-01T00:00:00.000Z warning  disk full folder=retry",
        "1970-01-01T00:01:00.000Z warning  disk full folder=retry repeated=4",
        "1970-01-01T00:01:00.000Z warning  disk full folder=retry",
        "1970-01-01T00:01:00.000Z warning  disk full folder=retry repeated=1",
      ])
  }

  @Test("Lines of several threads never run into each other, longer than a pipe's atomic write or not")
  func threads() async throws {
    let reader = try Reader()
    let output = LogOutput(format: .text, writer: reader.writer, clock: SetClock())
    async let received = onOwnThread { [reading = reader.reading] in
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(reading, &buffer, buffer.count)
        guard count > 0 else { return all }
        all += buffer[..<count]
      }
    }
    try await withThrowingTaskGroup { group in
      for thread in 0..<8 {
        group.addTask {
          try await onOwnThread {
            let logger = output.logger("test")
            for line in 0..<100 {
              logger.info("\(thread).\(line) \(String(repeating: Character(String(thread)), count: 7000))")
            }
          }
        }
      }
      try await group.waitForAll()
    }
    close(reader.writing)
    let lines = try await received.split(separator: 0x0A)
    close(reader.reading)
    var next = [Int](repeating: 0, count: 8)
    for line in lines {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      try #require(words.count == 4)
      let numbers = words[2].split(separator: ".").compactMap { Int($0) }
      try #require(numbers.count == 2 && numbers[1] == next[numbers[0]])
      next[numbers[0]] += 1
      #expect(words[3] == String(repeating: Character(String(numbers[0])), count: 7000))
    }
    #expect(next == [Int](repeating: 100, count: 8))
  }

  @Test("A reader that went away costs its lines and nothing else")
  func closedPipe() throws {
    signal(SIGPIPE, SIG_IGN)
    let reader = try Reader()
    close(reader.reading)
    let output = LogOutput(writer: reader.writer, clock: SetClock())
    output.logger("test").info("nobody hears")
    close(reader.writing)
  }

  @Test("Lines go above a footer, which stays")
  func footer() throws {
    let reader = try Reader(columns: 100)
    let writer = reader.writer
    #expect(writer.columns == 100)
    writer.showFooter("50%")
    writer.write("line".utf8)
    writer.showFooter("50%")
    writer.showFooter("")
    writer.write("end".utf8)
    #expect(reader.all() == "\r\u{1B}[K50%\r\u{1B}[Kline\r\n50%\r\u{1B}[Kend\r\n")
  }
}
