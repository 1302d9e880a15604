internal import Events
internal import Forwarding

// What is valid, but hardly intended, about requests to web servers.
extension ForwardSettings {
  func warnings(_ given: Set<String>, _ warn: (_ key: String, _ message: Message) -> Void) {
    auth.warnings(given, warn)
    guard let url else {
      if auth != .none, given.contains("forward.auth") { warn("forward.auth", .warning(.unusedWithoutURL)) }
      if secret != nil { warn("forward.secret", .warning(.unusedWithoutURL)) }
      return
    }
    let isLocal = ListenAddress(host: url.host, port: url.port).isLoopback
    if url.scheme == "http", !isLocal, auth != .none || url.hasUser { warn("forward.url", .warning(.unencrypted)) }
    if let code = url.warning ?? url.webhookWarning { warn("forward.url", .warning(code)) }
    if url.scheme == "http" {
      for (key, file) in [("ca", tls.ca), ("certificate", tls.certificate)] where file != nil {
        warn("forward.tls.\(key)", .warning(.unusedWithoutTLS))
      }
    }
    if format == .single, given.contains("forward.batch.maxEvents"), batch.maxEvents > 1 {
      warn("forward.batch.maxEvents", .warning(.unusedWithSingle))
    }
  }
}

extension NotifySettings {
  func warnings(_ warn: (_ key: String, _ message: Message) -> Void) {
    if let code = webhook?.warning { warn("notify.webhook", .warning(code)) }
  }
}

extension WebAddress {
  /// What is hardly intended as an address to send to; nil if nothing is.
  fileprivate var warning: WarningMessage? {
    // RFC 2606, sections 2 and 3.
    let isExample = [".example", "example.com", "example.net", "example.org"].contains { ending in
      host.lowercased() == ending || host.lowercased().hasSuffix(ending.hasPrefix(".") ? ending : "." + ending)
    }
    if isExample { return .exampleURL }
    if path.contains("/webhook-test/") { return .testURL }
    if path.contains("/webhook-waiting/") || path.contains("/form-test/") { return .otherURL }
    return path.contains("/workflow/") || path.hasSuffix("/home/workflows") ? .editorURL : nil
  }

  /// What is hardly intended as the address of an n8n webhook.
  fileprivate var webhookWarning: WarningMessage? {
    ["/", "/webhook", "/webhook/"].contains(path) ? .serverURL : nil
  }

  /// Whether it leads to this program's own page.
  func leads(to page: ListenAddress) -> Bool {
    guard port == page.port, ListenAddress(host: host, port: port).isLoopback || host == page.host else { return false }
    return page.isLoopback || page.isEveryAddress || host == page.host
  }
}

extension ForwardAuth {
  /// What is hardly intended in the given kind of authentication, or disables it.
  fileprivate func warnings(_ given: Set<String>, _ warn: (_ key: String, _ message: Message) -> Void) {
    func has(_ key: String) -> Bool { given.contains("forward.auth.\(key)") }
    func lacks(_ key: String, with others: [String]) -> Bool { !has(key) && others.contains(where: has) }
    for (kind, secret, others) in [
      ("basic", "password", ["basic.user"]), ("header", "value", ["header.name"]), ("jwt", "secret", ["jwt.claims"]),
    ] where lacks("\(kind).\(secret)", with: others) {
      warn("forward.auth.\(kind)", .warning(.noSecret, ["key": .text(secret)]))
    }
    func check(_ key: String, _ secret: Secret) {
      let text = secret.reveal()
      if text.hasPrefix(" ") || text.hasSuffix(" ") { warn(key, .warning(.secretWithSpace)) }
      if text.hasPrefix("\"") || text.hasPrefix("'") { warn(key, .warning(.secretWithQuote)) }
    }
    switch self {
    case .none: break
    case .bearer(let token):
      check("forward.auth.bearer", token)
      let text = token.reveal().lowercased()
      if text.hasPrefix("basic ") {
        warn("forward.auth.bearer", .warning(.tokenOfBasic))
      } else if let word = ["Bearer ", "Authorization:"].first(where: { text.hasPrefix($0.lowercased()) }) {
        warn("forward.auth.bearer", .warning(.tokenWithWord, ["word": .text(word.filter { $0 != " " })]))
      }
    case .basic(_, let password): check("forward.auth.basic.password", password)
    case .header(let name, let value):
      check("forward.auth.header.value", value)
      if value.reveal().lowercased().hasPrefix(name.lowercased() + ":") {
        warn("forward.auth.header.value", .warning(.valueWithName))
      }
    case .jwt(let secret, _): check("forward.auth.jwt.secret", secret)
    }
  }
}
