/// The page to watch eventdrop with.
package struct AdminSettings: Sendable, Equatable {
  /// Nil: there is none.
  package var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8641)
  package var token: Secret?

  /// Of a token that strangers can try to guess.
  private static let leastTokenLength = 16

  mutating func read(_ section: inout Section) {
    section.read("listen", as: .listen, into: &listen)
    let isTokenRight = section.read("token", as: .sentSecret("a token"), into: &token)
    guard let listen, !listen.isLoopback, isTokenRight else { return }
    let length = token?.reveal().count ?? 0
    if length == 0 {
      section.report(
        "other machines can reach this address, so admin.token must be set; or listen on 127.0.0.1:\(listen.port)",
        in: "listen")
    } else if length < Self.leastTokenLength {
      section.report(
        "other machines can reach this address, so admin.token must have at least \(Self.leastTokenLength) characters,"
          + " as 'openssl rand -hex 16' makes them", in: "token")
    }
  }
}

extension ValueKind where Value == ListenAddress? {
  fileprivate static var listen: Self {
    ValueKind(expectation: "an address such as 127.0.0.1:8641, or off") { text throws(ValueMistake) in
      if text == "off" { return nil }
      guard let address = ListenAddress(text) else {
        let isPort = text.portNumber != nil || (text.first == ":" && String(text.dropFirst()).portNumber != nil)
        let digits = text.filter { $0 != ":" }
        throw ValueMistake(hint: isPort ? "; write 127.0.0.1:\(digits)" : nil)
      }
      return address
    }
  }
}
