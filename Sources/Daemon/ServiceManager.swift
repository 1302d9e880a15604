internal import Concurrency
internal import Glibc
internal import ServiceLifecycle
internal import Time

/// The service manager that started this process, if it wants to be notified: systemd's sd_notify(3).
struct ServiceManager: Sendable {
  private let address: String
  /// How often it wants a sign of life; nil: never.
  private let watchdog: Duration?

  /// The one that `NOTIFY_SOCKET` and `WATCHDOG_USEC` name; nil if there is none.
  static let current: ServiceManager? = {
    guard let address = text("NOTIFY_SOCKET"), address.hasPrefix("/") || address.hasPrefix("@") else { return nil }
    let isForUs = text("WATCHDOG_PID").flatMap { Int32($0) }.map { $0 == getpid() } ?? true
    let watchdog = isForUs ? text("WATCHDOG_USEC").flatMap { Int($0) } : nil
    return ServiceManager(address: address, watchdog: watchdog.map { .microseconds($0) })
  }()

  private static func text(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Notifies it that the work has begun.
  ///
  /// - Parameter status: What is being done, for people.
  func reportReady(_ status: String) { send("READY=1\nSTATUS=\(status)") }

  /// Notifies it that this process is about to end.
  func reportStopping() { send("STOPPING=1") }

  /// Gives one sign of life, if wanted.
  func reportAlive() {
    if watchdog != nil { send("WATCHDOG=1") }
  }

  /// Gives signs of life, if wanted, during something that may take long and must not be interrupted, such as building
  /// a catalog.
  static func whileAlive<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    guard let manager = current, let watchdog = manager.watchdog else { return try body() }
    let isOver = StopSignal()
    startDetachedThread(named: "starting") {
      while !isOver.isOn {
        manager.reportAlive()
        usleep(useconds_t(clamping: (watchdog / 4).inMilliseconds * 1000))
      }
    }
    defer { isOver.stop() }
    return try body()
  }

  /// Gives signs of life until the end, if wanted.
  ///
  /// - Parameter areAlive: Returns once the parts that do the work have answered; until then, no sign is given.
  /// - Returns: The service that does so; nil if no signs are wanted.
  func signsOfLife(_ areAlive: @escaping @Sendable () async -> Void) -> (any Service)? {
    watchdog.map { SignsOfLife(manager: self, interval: $0 / 4, areAlive: areAlive) }
  }

  private struct SignsOfLife: Service {
    let manager: ServiceManager
    let interval: Duration
    let areAlive: @Sendable () async -> Void

    func run() async throws {
      await cancelWhenGracefulShutdown {
        while (try? await Task.sleep(for: interval)) != nil {
          await areAlive()
          manager.send("WATCHDOG=1")
        }
      }
    }
  }

  /// Losing a message does no harm: the manager then treats the process as silent.
  private func send(_ message: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var target = sockaddr_un()
    target.sun_family = sa_family_t(AF_UNIX)
    // An abstract address begins with a zero byte: unix(7).
    let path = Array(address.utf8.first == UInt8(ascii: "@") ? [0] + address.utf8.dropFirst() : Array(address.utf8))
    guard path.count < MemoryLayout.size(ofValue: target.sun_path) else { return }
    withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let bytes = Array(message.utf8)
    withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, size)
      }
    }
  }
}
