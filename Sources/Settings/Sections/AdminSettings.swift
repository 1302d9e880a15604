/// The page to watch eventdrop with.
package struct AdminSettings: Sendable, Equatable {
  /// Whether a person can do something from the page.
  package enum Actions: String, Word {
    case on, off
  }

  /// Nil: there is none.
  package var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8641)
  package var token: Secret?
  package var actions = Actions.off
  /// What the page is called; nil: the host's name.
  package var title: String?

  /// Whether a person can do something from the page: only where nobody gets in without a token.
  package var mayAct: Bool { actions == .on && !(token?.isEmpty ?? true) }

  /// A shorter token is guessed too soon by those whom its address lets ask.
  private static let tokenLength = 16

  mutating func read(_ section: inout Section) {
    let isListenRight = section.read("listen", as: .listen, into: &listen)
    let isTokenRight = section.read("token", as: .sentSecret("a token"), into: &token)
    section.read("actions", as: .word, into: &actions)
    section.read("title", as: .text("a title"), into: &title)
    guard let listen, !listen.isLoopback, isListenRight, isTokenRight, section.reading.seesAll(of: "admin") else {
      return
    }
    if let token, token.reveal().utf8.count < Self.tokenLength {
      section.report(
        "other machines can reach admin.listen, so the token needs \(Self.tokenLength) characters at least, as"
          + " 'openssl rand -hex 16' makes them", in: "token")
    } else if token == nil {
      section.report(
        "other machines can reach this address, so admin.token must be set; or listen on 127.0.0.1:\(listen.port)",
        in: "listen")
    }
  }
}

extension ValueKind where Value == ListenAddress? {
  fileprivate static var listen: Self {
    ValueKind(
      expectation: "an address such as 127.0.0.1:8641, or off", isQuotable: true,
      form: .pattern("^(off|\(hostPattern):\(portPattern))$")
    ) { text throws(ValueMistake) in
      if text == "off" { return nil }
      guard let address = ListenAddress(text) else {
        let isPort = text.portNumber != nil || (text.first == ":" && String(text.dropFirst()).portNumber != nil)
        let digits = text.filter { $0 != ":" }
        if isPort { throw ValueMistake(hint: "; write 127.0.0.1:\(digits)") }
        // A host alone, or an address as a browser has it.
        let host = WebAddress(text).map { "\($0.host):\($0.port)" } ?? "\(text):8641"
        let meant = text.lowercased() == "off" ? "off" : ListenAddress(host)?.isLoopback == true ? host : nil
        throw ValueMistake(hint: meant.map { "; write \($0)" })
      }
      return address
    }
  }
}
