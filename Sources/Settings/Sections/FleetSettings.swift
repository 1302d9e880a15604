internal import Events

/// The set of identities that several machines share.
package struct FleetSettings: Sendable, Equatable {
  /// A PostgreSQL connection for libpq; nil: this machine is on its own.
  package var url: Secret?
  /// This machine's name; nil: the host's.
  package var node: String?
  /// After how long another machine may take over the claims of a dead one.
  package var takeover: Duration = .seconds(600)

  mutating func read(_ section: inout Section) {
    section.read("url", as: .postgres, into: &url)
    var name = ValueKind.inboxName
    // It is next to the address, which contains a password.
    name.isQuotable = false
    section.read("node", as: name, into: &node)
    section.read("takeover", as: .duration(in: .seconds(1) ... .seconds(7 * 86_400)), into: &takeover)
  }
}

extension ValueKind where Value == Secret {
  /// A connection URI of libpq (PostgreSQL 17, section 32.1.1.2): it may name several hosts.
  fileprivate static var postgres: Self {
    ValueKind(
      expectation: .expected(.address, ["example": .text(example)]), isSecret: true,
      form: .pattern("^(?=[!-~]*$)(postgres(ql)?://([^@/]*@)?\(host)(,\(host))*(/[^@?]*)?(\\?.*)?)?$")
    ) { text throws(ValueMistake) in
      guard let mistake = mistake(in: text) else { return Secret(text) }
      throw mistake
    }
  }

  private static var example: String { "postgresql://user@db.example.com/eventdrop" }

  /// One host, perhaps with its port, as far as a pattern can express it.
  private static var host: String {
    "(\\[[^\\[\\]@/?,]*\\]|[^\\[\\]@/?,:]*)(:((?!0+([,/?]|$))\(portPattern))?)?"
  }

  /// Why libpq would not connect, or would not read the text as meant; nil if it is fine.
  ///
  /// In a password, `@` is `%40` and `/` is `%2F`: libpq would show what it takes for a host or a port.
  private static func mistake(in text: String) -> ValueMistake? {
    func mistake(_ reason: ValueMessage) -> ValueMistake { ValueMistake(reason, ["example": .text(example)]) }
    guard let separator = text.firstRange(of: "://") else { return mistake(.noScheme) }
    guard ["postgresql", "postgres"].contains(text[..<separator.lowerBound]) else {
      return ValueMistake(.otherScheme, ["example": .text(example), "words": "postgresql", "last": "postgres"])
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return mistake(.notEncoded) }
    let rest = text[separator.upperBound...]
    let user = rest.prefix { !"@/".contains($0) }
    let address = rest[user.endIndex...].first == "@" ? rest[user.endIndex...].dropFirst() : rest
    guard !address.prefix(while: { $0 != "?" }).contains("@") else { return mistake(.passwordNotEncoded) }
    let hosts = address.prefix { !"/?".contains($0) }.split(separator: ",", omittingEmptySubsequences: false)
    for host in hosts {
      let isBracketed = host.first == "["
      let behind = host.drop { $0 != (isBracketed ? "]" : ":") }
      guard !isBracketed || !behind.isEmpty else { return mistake(.noHost) }
      let port = isBracketed ? behind.dropFirst() : behind
      guard port.isEmpty || (port.first == ":" && isPort(port.dropFirst())) else { return mistake(.noPort) }
    }
    let parameters = address.drop { $0 != "?" }.dropFirst().split(separator: "&")
    let ports = parameters.filter { $0.hasPrefix("port=") && !$0.contains("%") }
      .flatMap { $0.dropFirst("port=".count).split(separator: ",") }
    return ports.allSatisfy(isPort) ? nil : mistake(.noPort)
  }

  /// Nothing stands for the usual port.
  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || String(text).portNumber.map { $0 > 0 } ?? false
  }
}
