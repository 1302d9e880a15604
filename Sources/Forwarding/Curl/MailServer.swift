internal import CLibCurl
internal import Concurrency

/// A mail server, over libcurl, on its own thread.
package actor MailServer {
  private let thread = SerialThread(name: "mail")
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let url: String
  private let needsTLS: Bool
  /// In milliseconds.
  private static let timeout = 20_000

  /// - Parameter address: Such as `smtp://user:password@mail.example.com:587`, or a host and port.
  package init(_ address: String) {
    url = address.contains("://") ? address : "smtp://\(address)"
    // No password is sent in the clear over the network.
    let parts = AddressParts(url)
    needsTLS = parts.user != nil && !["127.", "localhost", "[::1]"].contains { parts.hostAndPort.hasPrefix($0) }
  }

  /// Sends a mail.
  ///
  /// - Parameters:
  ///   - message: The whole mail (RFC 5322).
  ///   - from: The sender.
  ///   - to: The recipients.
  /// - Throws: `ExchangeFailure`.
  package func send(_ message: [UInt8], from: String, to: [String]) throws(ExchangeFailure) {
    try Self.send(message, from: from, to: to, url: url, needsTLS: needsTLS)
  }

  private static func send(
    _ message: [UInt8], from: String, to: [String], url: String, needsTLS: Bool
  ) throws(ExchangeFailure) {
    _ = CurlLoop.isLibraryReady
    var recipients: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(recipients) }
    for address in to {
      if let longer = curl_slist_append(recipients, address) { recipients = longer }
    }
    var error = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let list = recipients
    let code = message.withUnsafeBytes { bytes in
      eventdrop_curl_send_mail(
        url, from, list, bytes.baseAddress, bytes.count, timeout, needsTLS ? 1 : 0, &error)
    }
    guard code != CURLE_OK else { return }
    let detail = String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let why = detail.isEmpty ? curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)" : detail
    throw ExchangeFailure(code == CURLE_OPERATION_TIMEDOUT ? .timeout : .network, why)
  }
}
