internal import Concurrency
internal import Events
internal import Forwarding
internal import Operations
internal import Settings
internal import Time

/// A channel for notifications.
protocol NotificationChannel: Sendable {
  /// Its name in the configuration.
  var name: String { get }
  /// Sends a notification.
  ///
  /// - Throws: `ChannelFailure`.
  func send(_ notification: Operations.Notification) async throws(ChannelFailure)
}

/// Why nobody was notified.
struct ChannelFailure: Error {
  var message: Message

  init(_ message: Message) { self.message = message }

  /// A failure of which only the words of a program or of the system are known.
  init(_ said: String) { message = Message(said: said) }
}

extension ChannelFailure: CustomStringConvertible {
  /// For the log, which is in English.
  var description: String { message.description }
}

/// `notify.command`: gets the sentence as an argument, and its parts in the environment.
actor CommandChannel: NotificationChannel {
  private let thread = SerialThread(name: "notify")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  nonisolated let name = "command"
  private let command: String
  /// One that could not be ended: until it has, no other is started beside it.
  private var stuck: ChildProcess?
  /// In checks 20 ms apart: half a minute.
  private static let limit = 1500

  init(_ command: String) { self.command = command }

  func send(_ notification: Operations.Notification) throws(ChannelFailure) {
    guard stuck?.hasEnded ?? true else { throw ChannelFailure(Message(ActionMessage.notEnded)) }
    stuck = nil
    var looks = 0
    var child: ChildProcess?
    do throws(ChildFailure) {
      let started = try ChildProcess(
        command, argument: notification.sentence, variables: [],
        more: [
          ("EVENTDROP_CODE", notification.code), ("EVENTDROP_SUBJECT", notification.subject ?? ""),
          ("EVENTDROP_REASON", notification.reason ?? ""),
          ("EVENTDROP_STATE", notification.isOver ? "over" : "needs-person"),
          ("EVENTDROP_TEXT", LogText.escaped(notification.text.text(in: notification.language))),
          ("EVENTDROP_MESSAGE", notification.json.text),
        ])
      child = started
      try started.wait {
        looks += 1
        // A stop ends it as well: the notification is sent again after the next start.
        return looks > Self.limit || Task.isCancelled
      }
    } catch {
      if error.isStuck { stuck = child }
      guard error.wasStopped else { throw ChannelFailure(error.message) }
      throw ChannelFailure(Message(Task.isCancelled ? ActionMessage.givenUp : .notEnded))
    }
  }
}

/// `notify.webhook`: gets a POST with one JSON object.
struct WebhookChannel: NotificationChannel {
  let name = "webhook"
  private let client: CurlClient
  private let userAgent: String

  init(_ address: WebAddress, schedule: Schedule, userAgent: String) {
    var options = ForwardingOptions(
      url: address.full.reveal(), address: "", schedule: schedule, timeZone: .utc, userAgent: userAgent)
    options.timeout = .seconds(10)
    client = CurlClient(options)
    self.userAgent = userAgent
  }

  func send(_ notification: Operations.Notification) async throws(ChannelFailure) {
    let request = WebhookRequest(
      headers: [.init("Content-Type", "application/json"), .init("User-Agent", userAgent)],
      body: notification.json.bytes)
    let status: Int
    do throws(ExchangeFailure) {
      status = try await client.send(request).status
    } catch {
      throw ChannelFailure(error.message)
    }
    guard (200..<300).contains(status) else {
      throw ChannelFailure(Message(ActionMessage.answers, ["status": .integer(status)]))
    }
  }
}

/// `notify.mail`: sends a mail.
struct MailChannel: NotificationChannel {
  let name = "mail"
  private let server: MailServer
  private let from: String
  private let to: [String]
  private let clock: any WallClock

  init?(_ settings: MailSettings, clock: any WallClock) {
    guard let from = settings.from, let smtp = settings.smtp, !settings.to.isEmpty else { return nil }
    self.from = from
    to = settings.to
    server = MailServer(smtp.reveal())
    self.clock = clock
  }

  func send(_ notification: Operations.Notification) async throws(ChannelFailure) {
    do throws(ExchangeFailure) {
      try await server.send(notification.mail(from: from, to: to, now: clock.now()), from: from, to: to)
    } catch {
      throw ChannelFailure(error.message)
    }
  }
}

extension Configuration {
  /// All configured channels.
  func notificationChannels(clock: any WallClock) -> [any NotificationChannel] {
    var channels: [any NotificationChannel] = []
    if let command = notify.command { channels.append(CommandChannel(command)) }
    if let webhook = notify.webhook {
      channels.append(WebhookChannel(webhook, schedule: forward.schedule, userAgent: Version.userAgent))
    }
    if let mail = notify.mail.flatMap({ MailChannel($0, clock: clock) }) { channels.append(mail) }
    return channels
  }
}
