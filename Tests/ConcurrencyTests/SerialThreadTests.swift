import Concurrency
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite(.tags(.fast)) struct SerialThreadTests {
  /// An actor that runs on its own thread.
  private actor Worker {
    private let thread: SerialThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private var numbers: [Int] = []

    init(_ thread: SerialThread) { self.thread = thread }

    func append(_ number: Int) { numbers.append(number) }
    func all() -> [Int] { numbers }
    /// `PID/task/TID`; the compiler may take the result of `pthread_self` on another thread for that on this one.
    func threadName() -> String {
      var buffer = [CChar](repeating: 0, count: 64)
      let count = readlink("/proc/thread-self", &buffer, buffer.count)
      return String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    func block(_ began: Gate, until gate: Gate) {
      began.open()
      gate.wait()
    }
  }

  @Test func `All jobs of an actor run on its one thread`() async {
    let worker = Worker(SerialThread(name: "test"))
    let first = await worker.threadName()
    for _ in 0..<20 {
      #expect(await worker.threadName() == first)
      await Task.yield()
    }
    let other = Worker(SerialThread(name: "test"))
    let second = await other.threadName()
    // A number is reused once its thread has ended.
    withExtendedLifetime(worker) { #expect(second != first) }
  }

  @Test func `Jobs run in the order in which they came`() async {
    let worker = Worker(SerialThread(name: "test"))
    for number in 0..<1000 { await worker.append(number) }
    #expect(await worker.all() == Array(0..<1000))
  }

  @Test func `Nothing else waits while one thread blocks, and it says that somebody waits for it`() async {
    let thread = SerialThread(name: "test")
    let worker = Worker(thread)
    let (began, gate) = (Gate(), Gate())
    async let blocked: Void = worker.block(began, until: gate)
    try? await onOwnThread { began.wait() }
    #expect(!thread.isAwaited)
    async let next: Void = worker.append(1)
    while !thread.isAwaited { await Task.yield() }
    #expect(await Worker(SerialThread(name: "other")).all() == [])
    gate.open()
    _ = await (blocked, next)
    #expect(await worker.all() == [1])
    #expect(!thread.isAwaited)
  }

  @Test func `A value that is made in the background can be had once`() async throws {
    let (began, gate) = (Gate(), Gate())
    let background = Background(named: "test") { () -> Int in
      began.open()
      gate.wait()
      return 7
    }
    try await onOwnThread { began.wait() }
    gate.open()
    let (first, second) = try await onOwnThread { (background.take(), background.take()) }
    #expect(first == 7 && second == nil)
  }

  @Test func `A value that is late can be had later`() async throws {
    let gate = Gate()
    let background = Background(named: "test") { () -> Int in
      gate.wait()
      return 7
    }
    #expect(background.take(within: .milliseconds(1)) == nil)
    #expect(!background.isMade(within: .zero))
    gate.open()
    #expect(try await onOwnThread { background.take(within: .seconds(60)) } == 7)
    #expect(background.isMade(within: .zero) && background.take(within: .zero) == nil)
  }
}
