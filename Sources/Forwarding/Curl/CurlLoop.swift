internal import CLibCurl
internal import Concurrency
internal import Glibc
internal import Synchronization

/// The thread on which all transfers of one exchange run.
///
/// Other threads leave orders in the mailbox and wake this one; only it touches libcurl's handles, except for
/// `curl_multi_wakeup`, which any thread may call (libcurl-thread(3)).
final class CurlLoop: Sendable {
  private struct Mailbox {
    var nextTicket = 0
    /// The transfers that have not ended.
    var open: Set<Int> = []
    var submitted: [CurlTransfer] = []
    var cancelled: Set<Int> = []
    var isStopped = false
    /// Cleared once the handle is gone, so that nobody wakes what no longer exists.
    var isRunning = true
  }

  static let isLibraryReady = eventdrop_curl_start() == CURLE_OK

  private let mailbox = Mutex(Mailbox())
  nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?

  init() {
    multi = Self.isLibraryReady ? curl_multi_init() : nil
    startDetachedThread(named: "webhook") { self.run() }
  }

  func makeTicket() -> Int {
    mailbox.withLock { mailbox in
      mailbox.nextTicket += 1
      mailbox.open.insert(mailbox.nextTicket)
      return mailbox.nextTicket
    }
  }

  func submit(_ transfer: CurlTransfer) {
    order { $0.submitted.append(transfer) }
  }

  func cancel(_ ticket: Int) {
    order { if $0.open.contains(ticket) { $0.cancelled.insert(ticket) } }
  }

  /// Ends all transfers and the thread.
  func stop() {
    order { $0.isStopped = true }
  }

  private func order(_ body: (inout sending Mailbox) -> Void) {
    mailbox.withLock { mailbox in
      body(&mailbox)
      if mailbox.isRunning { curl_multi_wakeup(multi) }
    }
  }

  // MARK: On the thread

  private func run() {
    // With NOSIGNAL set, libcurl leaves it to us to keep a write to a closed connection from ending the process
    // (CURLOPT_NOSIGNAL(3)); the signal goes to the thread that writes (signal(7)).
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    var idle: [UnsafeMutableRawPointer] = []
    while true {
      let orders = mailbox.withLock { mailbox in
        defer { mailbox.submitted = [] }
        return (mailbox.submitted, mailbox.cancelled, mailbox.isStopped)
      }
      let (submitted, cancelled, isStopped) = orders
      for transfer in submitted {
        guard !isStopped, !cancelled.contains(transfer.ticket) else {
          end(transfer, .failure(.cancelled))
          continue
        }
        guard let multi, let easy = idle.popLast() ?? curl_easy_init() else {
          end(transfer, .failure(ExchangeFailure(.configuration, "libcurl cannot be started")))
          continue
        }
        if let failure = transfer.prepare(easy) {
          idle.append(easy)
          end(transfer, .failure(failure))
        } else if curl_multi_add_handle(multi, easy) == CURLM_OK {
          active[easy] = transfer
        } else {
          idle.append(easy)
          end(transfer, .failure(ExchangeFailure(.network, "libcurl is out of memory")))
        }
      }
      for (easy, transfer) in active where isStopped || cancelled.contains(transfer.ticket) {
        // Reported first: removing the handle can block on a name server.
        end(transfer, .failure(.cancelled))
        active[easy] = nil
        curl_multi_remove_handle(multi, easy)
        transfer.discard()
        curl_easy_cleanup(easy)
      }
      if isStopped { break }

      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      var code = CURLE_OK
      while let multi, let easy = eventdrop_curl_next_ended(multi, &code) {
        guard let transfer = active.removeValue(forKey: easy) else { continue }
        if transfer.isToGoOverNewConnection(after: code) {
          curl_multi_remove_handle(multi, easy)
          transfer.discard()
          curl_easy_reset(easy)
          if transfer.prepare(easy) == nil, curl_multi_add_handle(multi, easy) == CURLM_OK {
            active[easy] = transfer
          } else {
            idle.append(easy)
            end(transfer, .failure(ExchangeFailure(.network, "libcurl is out of memory")))
          }
          continue
        }
        let result = transfer.result(of: easy, code: code)
        curl_multi_remove_handle(multi, easy)
        transfer.discard()
        if transfer.spoilsHandle {
          curl_easy_cleanup(easy)
        } else {
          curl_easy_reset(easy)
          idle.append(easy)
        }
        end(transfer, result)
      }
      // Wakes for its own timers, for the network, and for orders, including those that have just come
      // (curl_multi_poll(3)).
      curl_multi_poll(multi, nil, 0, 60_000, nil)
    }
    for easy in idle { curl_easy_cleanup(easy) }
    mailbox.withLock { mailbox in
      mailbox.isRunning = false
      curl_multi_cleanup(multi)
    }
  }

  private func end(_ transfer: CurlTransfer, _ result: Result<HTTPAnswer, ExchangeFailure>) {
    mailbox.withLock { mailbox in
      mailbox.open.remove(transfer.ticket)
      mailbox.cancelled.remove(transfer.ticket)
    }
    transfer.continuation.resume(returning: result)
  }
}

extension ExchangeFailure {
  static let cancelled = ExchangeFailure(.cancelled, "the exchange was given up")
}
