extension WebhookAddress {
  /// Enough to recognise a path, but not enough to use it.
  package static func hint(ofPath path: String) -> String {
    guard !path.isEmpty, path != "/" else { return path }
    return path.utf8.count <= 5 ? "/…" : "/…" + path.suffix(4)
  }

  /// How a webhook may quote its own path: as it stands in the URL, and as n8n names it, without the part that all its
  /// webhooks have in common.
  ///
  /// If nothing else protects a webhook, anyone who knows its path can use it.
  package static func pathSecrets(in url: String) -> [String] {
    let parts = AddressParts(url)
    let path = String(parts.path)
    guard path.utf8.count > 5 else { return [] }
    let own = path.firstRange(of: "/webhook/").map { String(path[$0.upperBound...]) } ?? String(path.dropFirst())
    guard !own.isEmpty else { return [path] }
    // A short word is hidden only if it is known to be the path.
    let isTelling = own.utf8.count >= 12 || own.contains(where: \.isNumber)
    return [path, "POST \(own)", "GET \(own)"] + (isTelling ? [own] : [])
  }
}
