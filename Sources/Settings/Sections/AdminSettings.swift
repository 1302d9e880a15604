/// The page to watch eventdrop with.
package struct AdminSettings: Sendable, Equatable {
  /// Nil: there is none.
  package var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8641)
  package var token: Secret?

  mutating func read(_ section: inout Section) {
    section.read("listen", as: .listen, into: &listen)
    let isTokenRight = section.read("token", as: .sentSecret("a token"), into: &token)
    if let listen, !listen.isLoopback, token == nil, isTokenRight {
      section.report(
        "other machines can reach this address, so admin.token must be set; or listen on 127.0.0.1:\(listen.port)",
        in: "listen")
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
