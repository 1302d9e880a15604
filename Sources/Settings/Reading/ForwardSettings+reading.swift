internal import Schedules

extension ForwardSettings {
  mutating func read(_ section: Section, _ root: YAMLNode?, _ context: ReadingContext) {
    readAddress(section, context)
    section.schedule("schedule", &schedule)
    section.choice("format", &format)
    section.choice("acknowledge", &acknowledge)
    let batch = section.section("batch")
    batch.integer("maxEvents", &maxEvents, 1...10_000)
    batch.size("maxBytes", &maxBytes, 1...(1 << 28))
    batch.reportUnknownKeys()
    section.integer("concurrency", &concurrency, 1...64)
    section.duration("timeout", &timeout, .milliseconds(100) ... .seconds(3600))
    section.integer("attempts", &attempts, 1...100)
    backoff.read(section.section("backoff"))
    circuit.read(section.section("circuit"))
    auth = ForwardAuth(section, context)
    readSecret(section, context)
    let tls = section.section("tls")
    tls.optionalPath("ca", &self.tls.ca)
    tls.optionalPath("certificate", &self.tls.certificate)
    tls.optionalPath("key", &self.tls.key)
    tls.reportUnknownKeys()
    if (self.tls.certificate == nil) != (self.tls.key == nil) {
      context.report(tls.place, "forward.tls: a certificate needs its key, and a key its certificate; set both")
    }
    section.parsed("proxy", &proxy, "an address such as http://proxy:3128") { text in
      text.isEmpty ? .some(nil) : WebAddress(text).map { .some($0) }
    }
    section.parsed("compress", &compressAbove, "off, or a size such as 8KiB") { text in
      text == "off" ? .some(nil) : .some(try SizeText.parse(text))
    }
    section.reportUnknownKeys()
  }

  private mutating func readAddress(_ section: Section, _ context: ReadingContext) {
    // The default names a variable, so it is read like a written one.
    let written = section.node("url")
    let node =
      written
      ?? YAMLNode(content: .scalar("${N8N_WEBHOOK_URL:-}", isPlain: false), place: YAMLPlace(line: 1, column: 1))
    guard case .scalar = node.content else {
      context.report(
        node, "forward.url: expected an address such as https://n8n.example.com/webhook/eventdrop, not \(node.kind)")
      return
    }
    guard let text = context.text(of: node), !text.isEmpty else { return }
    guard let address = WebAddress(text) else {
      let source = written == nil ? "the variable N8N_WEBHOOK_URL" : "forward.url"
      context.report(node, "\(source): expected an address such as https://n8n.example.com/webhook/eventdrop")
      return
    }
    url = address
  }

  private mutating func readSecret(_ section: Section, _ context: ReadingContext) {
    guard let secret = section.secret("secret"), !secret.isEmpty, let node = section.node("secret") else { return }
    let encoded = secret.reveal()
    // Standard Webhooks 1.0: 24 to 64 bytes, in base64.
    guard encoded.hasPrefix("whsec_"), (24...64).contains(encoded.utf8.dropFirst(6).base64ByteCount ?? 0) else {
      context.report(node, "forward.secret: expected whsec_ and the base64 of 24 to 64 bytes (openssl rand -base64 32)")
      return
    }
    self.secret = secret
  }
}

extension ForwardAuth {
  fileprivate init(_ parent: Section, _ context: ReadingContext) {
    guard let node = parent.node("auth") else {
      let token = context.text(
        of: YAMLNode(content: .scalar("${N8N_WEBHOOK_TOKEN:-}", isPlain: false), place: YAMLPlace(line: 1, column: 1)))
      self = token.map { $0.isEmpty ? .none : .bearer(Secret($0)) } ?? .none
      return
    }
    let section = Section(node, at: parent.fullName("auth"), context)
    var kinds: [ForwardAuth] = []
    if let token = section.secret("bearer") { kinds.append(token.isEmpty ? .none : .bearer(token)) }
    if section.node("basic") != nil {
      let basic = section.section("basic")
      var user = ""
      basic.text("user", &user)
      let password = basic.secret("password") ?? Secret("")
      basic.reportUnknownKeys()
      kinds.append(password.isEmpty ? .none : .basic(user: user, password: password))
    }
    if section.node("header") != nil {
      let header = section.section("header")
      var name = ""
      header.parsed("name", &name, "the name of a header such as X-Api-Key") { $0.isHeaderName ? $0 : nil }
      let value = header.secret("value") ?? Secret("")
      header.reportUnknownKeys()
      if name.isEmpty { context.report(header.place, "forward.auth.header needs a name") }
      kinds.append(value.isEmpty ? .none : .header(name: name, value: value))
    }
    if section.node("jwt") != nil { kinds.append(Self.jwt(section.section("jwt"), context)) }
    section.reportUnknownKeys()
    if kinds.count > 1 { context.report(node, "forward.auth: choose one of bearer, basic, header and jwt") }
    self = kinds.first ?? .none
    if hasLineBreak { context.report(node, "forward.auth: a secret with a line break in it cannot be sent") }
  }

  private static func jwt(_ section: Section, _ context: ReadingContext) -> ForwardAuth {
    let secret = section.secret("secret") ?? Secret("")
    var claims: [(name: String, json: String)] = []
    if let node = section.node("claims") {
      guard case .mapping(let pairs) = node.content else {
        context.report(node, "forward.auth.jwt.claims is a mapping of claims to values, not \(node.kind)")
        return .none
      }
      for (key, value) in pairs {
        guard case .scalar(let name, _) = key.content, case .scalar(_, let isPlain) = value.content,
          let text = context.text(of: value)
        else {
          context.report(value, "forward.auth.jwt.claims: expected single values")
          continue
        }
        let isLiteral = isPlain && (Int(text) != nil || text == "true" || text == "false")
        claims.append((name, isLiteral ? text : text.quotedAsJSON))
      }
    }
    section.reportUnknownKeys()
    return secret.isEmpty ? .none : .jwt(secret: secret, claims: claims)
  }

  private var hasLineBreak: Bool {
    let text: String =
      switch self {
      case .none, .jwt: ""
      case .bearer(let token): token.reveal()
      case .basic(let user, _): user
      case .header(_, let value): value.reveal()
      }
    return text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
  }
}

extension String {
  /// A token of RFC 9110, section 5.6.2.
  fileprivate var isHeaderName: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
  }

  fileprivate var quotedAsJSON: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Substring.UTF8View {
  /// How many bytes this base64 text stands for (RFC 4648, section 4); nil where it is none.
  fileprivate var base64ByteCount: Int? {
    let text = Array(self)
    let padding = text.reversed().prefix { $0 == 0x3D }.count
    let digits = text.dropLast(padding)
    let isPlain = digits.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2B
        || byte == 0x2F
    }
    guard isPlain, padding <= 2, padding == 0 || text.count % 4 == 0, digits.count % 4 != 1 else { return nil }
    return digits.count * 3 / 4
  }
}
