/// Exchanges over libcurl, on its own thread, with connections kept open between them.
package final class CurlClient: HTTPExchange {
  private let options: ForwardingOptions
  private let answerLimit: Int
  private let loop: CurlLoop

  /// - Parameters:
  ///   - options: Where requests go, and how.
  ///   - answerLimit: How many bytes of an answer to keep; the rest is read and discarded. Nil: as many as may be
  ///     needed, which is more if an answer has a result for each event.
  package init(_ options: ForwardingOptions, answerLimit: Int? = nil) {
    self.options = options
    self.answerLimit = answerLimit ?? (options.acknowledge == .results ? 16 << 20 : 1 << 20)
    loop = CurlLoop()
  }

  deinit {
    loop.stop()
  }

  package func send(_ request: WebhookRequest) async throws(ExchangeFailure) -> HTTPAnswer {
    for header in request.headers where !header.isSafe {
      throw ExchangeFailure(
        .configuration, "the header field '\(header.safeName)' holds a character that none may hold")
    }
    return try await run(request)
  }

  /// Connects, including TLS, and sends nothing.
  ///
  /// - Returns: Why it cannot; nil if it can.
  package func connect() async -> ExchangeFailure? {
    do throws(ExchangeFailure) {
      _ = try await run(nil)
      return nil
    } catch {
      return error
    }
  }

  private func run(_ request: WebhookRequest?) async throws(ExchangeFailure) -> HTTPAnswer {
    let ticket = loop.makeTicket()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.submit(
          CurlTransfer(
            ticket: ticket, request: request, options: options, answerLimit: answerLimit, continuation: continuation))
      }
    } onCancel: {
      loop.cancel(ticket)
    }
    return try result.get()
  }
}

extension WebhookRequest.Header {
  /// A name is a token, and a value has no control characters except tabs (RFC 9110, sections 5.1 and 5.5).
  fileprivate var isSafe: Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
      && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }

  fileprivate var safeName: String { name.filter { $0.isASCII && $0 >= " " } }
}
