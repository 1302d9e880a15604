internal import Events

/// The web page for watching eventdrop.
package struct AdminSettings: Sendable, Equatable {
  /// Whether people can act from the page.
  package enum Actions: String, Word {
    case on, off
  }

  /// Nil: there is no page.
  package var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8641)
  package var token: Secret?
  package var actions = Actions.off
  /// The title of the page; nil: the host's name.
  package var title: String?

  /// Whether people can act from the page: only if nobody gets in without a token.
  package var mayAct: Bool { actions == .on && !(token?.isEmpty ?? true) }

  /// A shorter token is guessed too soon by anybody who can reach the address.
  private static let tokenLength = 16

  mutating func read(_ section: inout Section) {
    let isListenRight = section.read("listen", as: .listen, into: &listen)
    let isTokenRight = section.read("token", as: .token, into: &token)
    section.read("actions", as: .word, into: &actions)
    section.read("title", as: .title, into: &title)
    guard let listen, !listen.isLoopback, isListenRight, isTokenRight, section.reading.seesAll(of: "admin") else {
      return
    }
    if let token, token.reveal().utf8.count < Self.tokenLength {
      section.report(.shortToken, ["count": .integer(Self.tokenLength)], in: "token")
    } else if token == nil {
      section.report(.noToken, ["port": .integer(listen.port)], in: "listen")
    }
  }
}

extension ValueKind where Value == ListenAddress? {
  fileprivate static var listen: Self {
    ValueKind(
      expectation: .expected(.listen), isQuotable: true,
      form: .pattern("^(off|\(hostPattern):\(portPattern))$")
    ) { text throws(ValueMistake) in
      if text == "off" { return nil }
      guard let address = ListenAddress(text) else {
        let isPort = text.portNumber != nil || (text.first == ":" && String(text.dropFirst()).portNumber != nil)
        let digits = text.filter { $0 != ":" }
        if isPort { throw ValueMistake(hint: .write, ["text": .text("127.0.0.1:\(digits)")]) }
        // A host alone, or an address as in a browser.
        let host = WebAddress(text).map { "\($0.host):\($0.port)" } ?? "\(text):8641"
        let meant = text.lowercased() == "off" ? "off" : ListenAddress(host)?.isLoopback == true ? host : nil
        throw ValueMistake(hint: meant.map { Message(HintMessage.write, ["text": .text($0)]) })
      }
      return address
    }
  }
}
