import Synchronization
import TestSupport

extension Browser {
  /// What arrived over the connection: frames, and the errors they reported.
  final class Log: Sendable {
    private struct State {
      var problems: [String] = []
      var received: [UInt8] = []
      var id = 0
    }

    private let state = Mutex(State())

    var problems: [String] { state.withLock { $0.problems } }

    func next() -> Int {
      state.withLock { state in
        state.id += 1
        return state.id
      }
    }

    /// Keeps an event that reports an error.
    func note(_ message: String) {
      let isProblem =
        message.contains(#""method":"Runtime.exceptionThrown""#)
        || (message.contains(#""method":"Log.entryAdded""#) && message.contains(#""level":"error""#))
        || (message.contains(#""method":"Runtime.consoleAPICalled""#) && message.contains(#""type":"error""#))
      if isProblem { state.withLock { $0.problems.append(message) } }
    }

    /// The next whole message.
    func message(from connection: LoopbackConnection) throws -> String {
      var text: [UInt8] = []
      while true {
        while true {
          if let (payload, isLast) = takeFrame() {
            text += payload
            if isLast { return String(decoding: text, as: UTF8.self) }
          } else {
            break
          }
        }
        let more = try connection.receive()
        guard !more.isEmpty else { throw BrowserFailure(what: "the browser has gone away") }
        state.withLock { $0.received += more }
      }
    }

    /// A frame (RFC 6455, section 5.2), if all of it has arrived.
    private func takeFrame() -> (payload: [UInt8], isLast: Bool)? {
      state.withLock { state in
        let bytes = state.received
        guard bytes.count >= 2 else { return nil }
        var start = 2
        var length = Int(bytes[1] & 0x7F)
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        guard bytes.count >= 2 + extra else { return nil }
        if extra > 0 {
          length = bytes[2..<(2 + extra)].reduce(0) { $0 << 8 | Int($1) }
          start += extra
        }
        guard bytes.count >= start + length else { return nil }
        state.received.removeFirst(start + length)
        return (Array(bytes[start..<(start + length)]), bytes[0] & 0x80 != 0)
      }
    }
  }
}
