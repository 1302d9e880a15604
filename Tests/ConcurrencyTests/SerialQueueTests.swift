import Concurrency
import Glibc
import TestSupport
import Testing

@Suite(.tags(.fast)) struct SerialQueueTests {
  /// An actor that runs on borrowed threads.
  private actor Worker {
    private let queue = SerialQueue(name: "test")
    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }
    private var numbers: [Int] = []

    func append(_ number: Int) { numbers.append(number) }
    func all() -> [Int] { numbers }
    func block(_ began: Gate, until gate: Gate) {
      began.open()
      gate.wait()
    }
  }

  /// The number of threads of this process.
  private static var threads: Int {
    guard let folder = opendir("/proc/self/task") else { return 0 }
    defer { closedir(folder) }
    var count = -2
    while readdir(folder) != nil { count += 1 }
    return count
  }

  @Test func `Jobs run in the order in which they came`() async {
    let worker = Worker()
    for number in 0..<1000 { await worker.append(number) }
    #expect(await worker.all() == Array(0..<1000))
  }

  @Test func `Jobs from everywhere run one at a time`() async {
    let worker = Worker()
    await withTaskGroup { group in
      for number in 0..<1000 { group.addTask { await worker.append(number) } }
    }
    #expect(await worker.all().sorted() == Array(0..<1000))
  }

  @Test func `Those that block hold up no other`() async throws {
    let gate = Gate()
    let blocked = (0..<20).map { _ in (worker: Worker(), began: Gate()) }
    let tasks = blocked.map { worker, began in Task { await worker.block(began, until: gate) } }
    for (_, began) in blocked { try await onOwnThread { began.wait() } }
    let other = Worker()
    await other.append(1)
    #expect(await other.all() == [1])
    gate.open()
    for task in tasks { await task.value }
  }

  @Test func `Hundreds share a few threads, also where all of them have something to do at once`() async {
    let before = Self.threads
    let workers = (0..<500).map { _ in Worker() }
    for round in 0..<20 {
      await withTaskGroup { group in
        for worker in workers { group.addTask { await worker.append(round) } }
      }
    }
    // Other tests running now have threads, too.
    #expect(Self.threads - before < 50)
    for worker in workers { #expect(await worker.all() == Array(0..<20)) }
  }
}
