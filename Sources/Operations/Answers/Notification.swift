package import Events
package import Time

/// What people are notified of: something needs them, or it is over.
package struct Notification: Sendable, Hashable {
  /// As in `Verdict.Item`; `test` for one that a person asked for.
  package var code: String
  package var subject: String?
  package var text: Message
  package var advice: Message?
  package var since: Timestamp?
  package var isOver: Bool
  /// What distinguishes it from others with this code and subject; nil if nothing needs to.
  package var reason: String?
  /// The installation that it is about.
  package var title: String
  /// The time zone for times.
  package var zone: TimeZoneRules
  package var language: Language

  package init(
    code: String, subject: String? = nil, reason: String? = nil, text: Message, advice: Message? = nil,
    since: Timestamp? = nil, isOver: Bool = false, title: String, zone: TimeZoneRules = .utc, language: Language = .en
  ) {
    self.code = code
    self.subject = subject
    self.reason = reason
    self.text = text
    self.advice = advice
    self.since = since
    self.isOver = isOver
    self.title = title
    self.zone = zone
    self.language = language
  }

  /// On one line, for people.
  package var sentence: String {
    let since = isOver ? nil : since?.rfc3339(in: zone)
    return LogText.escaped(said(since: since ?? "", advice: isOver ? "" : advice?.text(in: language) ?? ""))
  }

  private func said(since: String, advice: String) -> String {
    let message =
      isOver
      ? Message(StatusMessage.notificationOver, ["title": .text(title), "text": .message(text)])
      : Message(
        StatusMessage.notification,
        ["title": .text(title), "text": .message(text), "since": .text(since), "advice": .text(advice)])
    return message.text(in: language)
  }

  package var json: JSONOutput {
    .object([
      ("title", .text(title)), ("code", .text(code)), ("subject", .text(subject)), ("reason", .text(reason)),
      ("state", .text(isOver ? "over" : "needs-person")), ("text", .text(text.text(in: language))),
      ("advice", .text(advice?.text(in: language))), ("since", .time(since)), ("message", .text(sentence)),
      JSONOutput.messages([("text", text), ("advice", advice)]),
    ])
  }

  /// A complete mail about it (RFC 5322).
  ///
  /// - Parameters:
  ///   - from: The sender.
  ///   - to: The recipients.
  ///   - now: The current time.
  /// - Returns: Its bytes.
  package func mail(from: String, to: [String], now: Timestamp) -> [UInt8] {
    let id = "\(now.milliseconds).\(UInt64.random(in: .min ... .max))"
    let domain = from.split(separator: "@").last ?? "localhost"
    var body = sentence + "\r\n"
    if !isOver { body += "\r\n\(Message(StatusMessage.notificationMore).text(in: language))\r\n" }
    let head = [
      "From: \(from)", "To: \(to.joined(separator: ", "))", "Subject: \(Self.encodedWord(subjectLine))",
      "Date: \(now.rfc5322)", "Message-ID: <\(id)@\(domain)>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
    ]
    return Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
  }

  private var subjectLine: String {
    TextWidth.cut(LogText.escaped(said(since: "", advice: "")), to: 120)
  }

  /// Unchanged if it is ASCII, otherwise encoded according to RFC 2047.
  private static func encodedWord(_ text: String) -> String {
    guard !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return text }
    let digits = Array("0123456789ABCDEF".utf8)
    // A word has at most 75 characters, and no character is split.
    var words: [String] = []
    var word = ""
    for character in text.unicodeScalars {
      var encoded = ""
      for byte in String(character).utf8 {
        let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        encoded +=
          isPlain
          ? String(UnicodeScalar(byte))
          : "=" + String(UnicodeScalar(digits[Int(byte >> 4)])) + String(UnicodeScalar(digits[Int(byte & 15)]))
      }
      if word.utf8.count + encoded.utf8.count > 60 {
        words.append(word)
        word = ""
      }
      word += encoded
    }
    return (words + [word]).map { "=?utf-8?Q?\($0)?=" }.joined(separator: "\r\n ")
  }
}

extension Timestamp {
  /// The format of mails, in UTC (RFC 5322, section 3.3).
  fileprivate var rfc5322: String {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let text = rfc3339
    let day = Int((Double(milliseconds) / 86_400_000).rounded(.down))
    let parts = text.prefix(10).split(separator: "-")
    guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return text }
    let clock = text.dropFirst(11).prefix(8)
    return "\(days[(day % 7 + 7) % 7]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(clock) +0000"
  }
}
