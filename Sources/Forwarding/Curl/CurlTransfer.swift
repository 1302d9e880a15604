internal import CLibCurl
internal import Time

/// One request under way, and what has arrived of its answer.
///
/// `@unchecked Sendable`: the sender creates it, gives its only reference to `CurlLoop.submit` and never touches it
/// again. The loop's thread takes it out of the mailbox, whose mutex orders the two; only that thread reads and writes
/// its variables and runs libcurl's callbacks, until it has resumed the continuation and released it.
final class CurlTransfer: @unchecked Sendable {
  let ticket: Int
  let continuation: CheckedContinuation<Result<HTTPAnswer, ExchangeFailure>, Never>
  /// Nil: only the connection is tested.
  private let request: WebhookRequest?
  private let options: ForwardingOptions
  private let answerLimit: Int
  private var fields: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>
  private let admission: UnsafeMutablePointer<eventdrop_curl_admission>
  private var body: [UInt8] = []
  private var isCut = false
  /// How many bytes of a body have arrived, kept or not.
  private var bodyBytes = 0
  private var headers: [WebhookRequest.Header] = []
  private var headerBytes = 0
  /// The status of the answer that the latest status line begins; 0 if it does not have three digits.
  private var statusOfHeaders = 0
  /// Whether the empty line that ends an answer's headers has arrived; an interim answer does not count.
  private var areHeadersWhole = false
  /// Whether it must not reuse an old connection: unsolicited data had arrived on the one that was chosen.
  private var wantsNewConnection = false

  init(
    ticket: Int, request: WebhookRequest?, options: ForwardingOptions, answerLimit: Int,
    continuation: CheckedContinuation<Result<HTTPAnswer, ExchangeFailure>, Never>
  ) {
    self.ticket = ticket
    self.request = request
    self.options = options
    self.answerLimit = answerLimit
    self.continuation = continuation
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    admission = .allocate(capacity: 1)
    admission.initialize(to: eventdrop_curl_admission())
  }

  deinit {
    discard()
    errorText.deallocate()
    admission.deallocate()
  }

  /// Frees libcurl's list, once the handle is out of the loop.
  func discard() {
    curl_slist_free_all(fields)
    fields = nil
  }

  /// Whether the handle keeps its connection to itself, and cannot be reused.
  var spoilsHandle: Bool { request == nil }

  /// Whether to send it again, over a new connection, after it has ended this way before anything was sent.
  func isToGoOverNewConnection(after code: CURLcode) -> Bool {
    guard code == CURLE_ABORTED_BY_CALLBACK, admission.pointee.granted == 0, !wantsNewConnection else { return false }
    wantsNewConnection = true
    return true
  }

  /// Sets all options of a fresh handle.
  ///
  /// - Returns: What is wrong with them.
  func prepare(_ easy: UnsafeMutableRawPointer) -> ExchangeFailure? {
    var code = CURLE_OK
    func set(_ option: CURLoption, _ number: Int) {
      if code == CURLE_OK { code = eventdrop_curl_set_number(easy, option, number) }
    }
    func set(_ option: CURLoption, _ text: String?) {
      if code == CURLE_OK, let text { code = eventdrop_curl_set_text(easy, option, text) }
    }
    func set(_ option: CURLoption, _ pointer: UnsafeMutableRawPointer?) {
      if code == CURLE_OK { code = eventdrop_curl_set_pointer(easy, option, pointer) }
    }
    func set(_ option: CURLoption, _ sink: @escaping eventdrop_curl_sink) {
      if code == CURLE_OK { code = eventdrop_curl_set_sink(easy, option, sink) }
    }

    set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
    // Without it, a timeout while a host is looked up would be delivered as a signal.
    set(CURLOPT_NOSIGNAL, 1)
    if code == CURLE_OK { code = eventdrop_curl_allow_http_only(easy) }
    set(CURLOPT_URL, request?.url ?? options.url)
    let timeout = Int(min(max(options.timeout.inMilliseconds, 1), Int64(Int32.max)))
    set(CURLOPT_TIMEOUT_MS, timeout)
    set(CURLOPT_CONNECTTIMEOUT_MS, timeout)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_MAXAGE_CONN, Int(options.idleLimit.components.seconds))
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_CAINFO, options.caFile)
    set(CURLOPT_SSLCERT, options.certificateFile)
    set(CURLOPT_SSLKEY, options.keyFile)
    set(CURLOPT_PROXY, options.proxy)
    if request == nil { set(CURLOPT_CONNECT_ONLY, 1) }
    // A proxy's answer about a tunnel is not part of an answer; its status is queried separately.
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if wantsNewConnection { set(CURLOPT_FRESH_CONNECT, 1) }
    if code == CURLE_OK { code = eventdrop_curl_set_admission(easy, admission) }
    if let request, request.method != .post { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    if code == CURLE_OK, let request, request.method == .post {
      code = request.body.withUnsafeBytes { eventdrop_curl_set_body(easy, $0.baseAddress, $0.count) }
    }
    // curl would ask before sending a large body, and wait a second for an answer that few servers give.
    append("Expect:")
    append("Accept-Encoding: identity")
    for header in request?.headers ?? [] {
      append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    set(CURLOPT_HTTPHEADER, fields.map { UnsafeMutableRawPointer($0) })
    // The loop keeps this object alive as long as the handle is in use.
    let context = Unmanaged.passUnretained(self).toOpaque()
    set(CURLOPT_WRITEDATA, context)
    set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    set(CURLOPT_HEADERDATA, context)
    set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      transfer.receive(header: UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    guard code != CURLE_OK else { return nil }
    discard()
    let failure = failure(code, proxyStatus: 0)
    curl_easy_reset(easy)
    return ExchangeFailure(.configuration, failure.message)
  }

  private func append(_ field: String) {
    if let longer = curl_slist_append(fields, field) { fields = longer }
  }

  private func receive(body bytes: UnsafeRawBufferPointer) {
    bodyBytes += bytes.count
    let room = max(answerLimit - body.count, 0)
    body.append(contentsOf: bytes.prefix(room))
    if bytes.count > room { isCut = true }
  }

  private func receive(header bytes: UnsafeRawBufferPointer) {
    // If the connection ends within a line, libcurl passes its beginning. What follows a body is not one of its
    // headers.
    guard bytes.last == 0x0A, !areHeadersWhole else { return }
    let line = String(decoding: bytes, as: UTF8.self)
    // A proxy's answer, or an interim one, comes before the one that counts.
    if line.hasPrefix("HTTP/") {
      headers = []
      body = []
      bodyBytes = 0
      isCut = false
      headerBytes = 0
      statusOfHeaders = Self.status(ofLine: line) ?? 0
      return
    }
    if line == "\r\n" || line == "\n" {
      areHeadersWhole = statusOfHeaders >= 200
      return
    }
    headerBytes += bytes.count
    guard headerBytes <= 65_536, let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...]
    let trimmed = value.drop(while: \.isWhitespace)
    let end = trimmed.lastIndex { !$0.isWhitespace }.map(trimmed.index(after:)) ?? trimmed.startIndex
    headers.append(WebhookRequest.Header(String(line[..<colon]), String(trimmed[..<end])))
  }

  /// The three digits after the version (RFC 9112, section 4); nil if there are none.
  private static func status(ofLine line: String) -> Int? {
    let words = line.utf8.split(maxSplits: 2, omittingEmptySubsequences: false) {
      $0 == 0x20 || $0 == 0x0D || $0 == 0x0A
    }
    guard words.count > 1, words[1].count == 3, words[1].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(String(decoding: words[1], as: UTF8.self))
  }

  /// Whether as much of the body has arrived as the headers announce.
  ///
  /// libcurl checks that, except for a length that it cannot read or that is given twice: to it, such a body ends with
  /// the connection, or according to the last length.
  private var isBodyWhole: Bool {
    func values(_ name: String) -> [String] { headers.filter { $0.name.lowercased() == name }.map(\.value) }
    // These have no body, whatever they announce (RFC 9112, section 6.3).
    guard statusOfHeaders != 204, statusOfHeaders != 304, values("transfer-encoding").isEmpty else { return true }
    return values("content-length").flatMap { $0.split(separator: ",") }
      .allSatisfy { Int($0.filter { !$0.isWhitespace }) == bodyBytes }
  }

  /// The outcome.
  func result(of easy: UnsafeMutableRawPointer, code: CURLcode) -> Result<HTTPAnswer, ExchangeFailure> {
    let wasSent = request.map { !$0.body.isEmpty && Int(eventdrop_curl_sent(easy)) >= $0.body.count } ?? false
    guard code != CURLE_OK || request == nil else {
      // libcurl accepts an answer that ends, with the connection, in the middle of its headers.
      guard areHeadersWhole else {
        return .failure(ExchangeFailure(.network, "the answer has no whole headers", wasSent: wasSent))
      }
      guard isBodyWhole else {
        return .failure(ExchangeFailure(.network, "the answer is not as long as it says", wasSent: wasSent))
      }
      // Whoever accepts a request has read it; whoever refuses it need not have.
      if let request, !request.body.isEmpty, !wasSent, (200..<300).contains(statusOfHeaders) {
        return .failure(ExchangeFailure(.network, "an answer came before the request was sent"))
      }
      return .success(
        HTTPAnswer(status: statusOfHeaders, headers: headers, body: body, isCut: isCut).unpacked(limit: answerLimit))
    }
    guard code != CURLE_OK else { return .success(HTTPAnswer(status: 0)) }
    if code == CURLE_ABORTED_BY_CALLBACK, admission.pointee.granted > 0 {
      // It would have been sent again: the connection it was sent over has ended.
      return .failure(
        ExchangeFailure(
          .network, "the connection was closed without an answer", wasSent: request.map { !$0.body.isEmpty } ?? false))
    }
    var proxyStatus = 0
    eventdrop_curl_get_number(easy, CURLINFO_HTTP_CONNECTCODE, &proxyStatus)
    var failure = failure(code, proxyStatus: proxyStatus)
    failure.wasSent = wasSent
    // The answer is not HTTP.
    if wasSent, failure.kind == .configuration { failure.kind = .network }
    return .failure(failure)
  }

  private func failure(_ code: CURLcode, proxyStatus: Int) -> ExchangeFailure {
    let detail = String(cString: errorText)
    let message =
      detail.isEmpty ? curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)" : detail
    // This message quotes the proxy's address, including its password, even if it comes from the environment.
    if message.hasPrefix("Unsupported proxy") {
      return ExchangeFailure(.configuration, "the address of the proxy cannot be used")
    }
    if proxyStatus >= 300 { return ExchangeFailure(.proxy(status: proxyStatus), message) }
    // Since TLS 1.3 the server may refuse the client's certificate after requests were sent (RFC 8446, section
    // 4.4.2.4); libcurl has no code for that.
    if code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR, message.contains("SSL"), message.contains(" alert ") {
      return ExchangeFailure(.tls, message)
    }
    return ExchangeFailure(ExchangeFailure.Kind(code), message)
  }
}

extension ExchangeFailure.Kind {
  /// The kind of failure that a code of libcurl means (libcurl-errors(3)).
  fileprivate init(_ code: CURLcode) {
    switch code {
    case CURLE_OPERATION_TIMEDOUT: self = .timeout
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS:
      self = .tls
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION,
      CURLE_BAD_FUNCTION_ARGUMENT, CURLE_FAILED_INIT:
      self = .configuration
    default: self = .network
    }
  }
}
