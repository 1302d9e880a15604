internal import Concurrency
internal import Synchronization
internal import Time

/// Waits for answers that a file system may delay, but not for long.
///
/// While a question has gone unanswered for too long, no other is asked.
final class Patience: Sendable {
  private struct State {
    var next = 0
    /// When the questions that are still unanswered were asked.
    var open: [Int: Duration] = [:]
  }

  private final class Answer<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
    let given = Signal()
  }

  private let state = Mutex(State())
  private let clock: any WallClock
  private static let limit = Duration.seconds(5)

  init(by clock: any WallClock) {
    self.clock = clock
  }

  /// Asks.
  ///
  /// - Throws: `StatusError.unknown` if there is no answer in time, or what the question throws.
  func ask<Value: Sendable>(_ question: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let now = clock.uptime()
    let number = state.withLock { state -> Int? in
      if let oldest = state.open.values.min(), now - oldest > Self.limit { return nil }
      state.next += 1
      state.open[state.next] = now
      return state.next
    }
    guard let number else { throw StatusError.unknown }
    let answer = Answer<Value>()
    Task {
      let result: Result<Value, any Error>
      do {
        result = .success(try await question())
      } catch {
        result = .failure(error)
      }
      self.state.withLock { $0.open[number] = nil }
      answer.result.withLock { $0 = result }
      answer.given.raise()
    }
    await answer.given.wait(after: 0, until: now + Self.limit, clock: clock)
    guard let result = answer.result.withLock({ $0 }) else { throw StatusError.unknown }
    return try result.get()
  }
}
