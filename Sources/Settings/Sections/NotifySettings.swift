internal import Events

/// Who is notified of what needs a person.
package struct NotifySettings: Sendable, Equatable {
  /// A command that receives the message.
  package var command: String?
  /// An address that the message is posted to.
  package var webhook: WebAddress?
  package var mail: MailSettings?
  /// How long a problem must have lasted.
  package var after: Duration = .seconds(600)

  mutating func read(_ section: inout Section) {
    section.read("command", as: .command, into: &command)
    section.read("webhook", as: .webAddress(ports: WebAddress.webPorts), into: &webhook)
    section.section("mail") { section in
      var mail = MailSettings()
      if mail.read(&section) { self.mail = mail }
    }
    section.read("after", as: .duration(in: .zero ... .seconds(7 * 86_400)), into: &after)
  }
}

/// Where mails go, and through which server.
package struct MailSettings: Sendable, Equatable {
  package var to: [String] = []
  package var from: String?
  /// In the form `smtp://user:password@mail.example.com:587`, or a host and port.
  package var smtp: Secret?

  /// - Returns: Whether it contains anything.
  fileprivate mutating func read(_ section: inout Section) -> Bool {
    let isAnyGiven = ["to", "from", "smtp"].contains { section.has($0) }
    let isToRight = section.read("to", asListOf: .mailAddress, into: &to)
    let isFromRight = section.read("from", as: .mailAddress, into: &from)
    let isServerRight = section.read("smtp", as: .mailServer, into: &smtp)
    guard isAnyGiven else { return false }
    if to.isEmpty, isToRight { section.report(.noMailAddress, ["key": "to"]) }
    if from == nil, isFromRight { section.report(.noMailAddress, ["key": "from"]) }
    if smtp == nil, isServerRight { section.report(.noMailServer) }
    return true
  }
}

extension ValueKind where Value == String {
  fileprivate static var mailAddress: Self {
    ValueKind(expectation: .expected(.mailAddress), form: .pattern("^[^@\\s<>,;]+@[^@\\s<>,;]+$")) {
      text throws(ValueMistake) in
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"<>,;".utf8.contains($0) }
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain else { throw ValueMistake() }
      return text
    }
  }
}

extension ValueKind where Value == Secret {
  fileprivate static var mailServer: Self {
    // It can contain a password.
    ValueKind(
      expectation: .expected(.mailServer), isSecret: true, form: .pattern("^((smtps?://)?[^\\s/]+/?)?$")
    ) { text throws(ValueMistake) in
      let isAddress = (try? WebAddress(text, ports: ["smtp": 25, "smtps": 465])) != nil
      let isHost = text.hostAndPort.map { $0.port.map { $0.portNumber != nil } ?? true } ?? false
      guard isAddress || isHost else { throw ValueMistake() }
      return Secret(text)
    }
  }
}
