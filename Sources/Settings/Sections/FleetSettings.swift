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
      expectation: .expected(.address, ["example": "postgresql://user@db.example.com/eventdrop"]), isSecret: true,
      form: .pattern("^(postgres(ql)?://\\S*)?$")
    ) { text throws(ValueMistake) in
      guard ["postgresql://", "postgres://"].contains(where: { text.hasPrefix($0) }),
        text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), isReadAsMeant(text)
      else { throw ValueMistake() }
      return Secret(text)
    }
  }

  /// Whether libpq reads the password as meant: it would show whatever it takes for a host or a port.
  ///
  /// In a password, `@` is `%40` and `/` is `%2F`.
  private static func isReadAsMeant(_ text: String) -> Bool {
    let address = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "?" }
    guard let at = address.lastIndex(of: "@") else { return true }
    return !address[..<at].contains { $0 == "@" || $0 == "/" }
  }
}
