internal import ServiceLifecycle
internal import Synchronization

/// Which parts of the daemon are at work, so that a stop that does not complete can name those that block it.
final class RunningParts: Sendable {
  private let parts = Mutex<[String: Int]>([:])

  /// Their names, in order.
  var names: [String] { parts.withLock { $0.keys.sorted() } }

  /// A service listed under a name while it runs.
  func tracking(_ name: String, _ service: any Service) -> any Service {
    TrackedService(name: name, service: service, parts: self)
  }

  /// Does something, listed under a name meanwhile.
  func during<Result, Failure: Error>(_ name: String, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    begin(name)
    defer { end(name) }
    return try body()
  }

  /// The same, for asynchronous work.
  func during<Result, Failure: Error>(
    _ name: String, _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    begin(name)
    defer { end(name) }
    return try await body()
  }

  private func begin(_ name: String) { parts.withLock { $0[name, default: 0] += 1 } }

  private func end(_ name: String) {
    parts.withLock { parts in
      let rest = (parts[name] ?? 1) - 1
      parts[name] = rest > 0 ? rest : nil
    }
  }

  private struct TrackedService: Service {
    let name: String
    let service: any Service
    let parts: RunningParts

    func run() async throws {
      try await parts.during(name) { try await service.run() }
    }
  }
}
