internal import Catalog
internal import Events
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Time

/// The HTTP side of the page: reads a request, asks whoever knows, and writes the answer.
///
/// It changes nothing, except what a person does with `POST /api/actions` if that is allowed.
struct AdminResponder: HTTPResponder {
  struct Context: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  let access: AdminAccess
  let connections: AdminConnections
  let guardian: TokenGuard
  let board: StatusBoard
  let desk: EventDesk
  /// What a person may do; nil: only look.
  let actions: ActionDesk?
  let patience: Patience
  let metrics: DaemonMetrics
  /// The path of the daemon's configuration.
  let configurationFile: String
  let title: String
  let zone: TimeZoneRules
  let partitionZone: TimeZoneRules

  func respond(to request: Request, context: Context) async throws -> Response {
    connections.begin(context.channel)
    defer { connections.end(context.channel) }
    if let refusal = await refusal(of: request, from: context.channel) { return refusal }
    let isAction = request.method == .post && request.uri.path == "/api/actions"
    guard isAction || request.method == .get || request.method == .head else {
      var response = failure(.methodNotAllowed, "this is read-only")
      response.headers[.allow] = "GET, HEAD"
      return response
    }
    do throws(any Error) {
      return try await isAction ? act(request, from: context.channel) : answer(request)
    } catch let error as StorageError {
      return failure(.internalServerError, StatusError.store(error).text(in: board.language))
    } catch let error as StatusError {
      let text = error.text(in: board.language)
      guard case .unknown = error else { return failure(.internalServerError, text) }
      return failure(.serviceUnavailable, text, Message(StatusMessage.nothingKnown))
    } catch let mistake as QueryMistake {
      return failure(.badRequest, mistake.message)
    }
  }

  /// The answer to a request that is not let in; nil if it is.
  private func refusal(of request: Request, from channel: any Channel) async -> Response? {
    let peer = AdminConnections.peer(of: channel)
    if access.isToken(in: request), !access.isForeign(request), !connections.isKnown(channel),
      await !guardian.wait(for: peer)
    {
      var response = failure(.tooManyRequests, "too many wrong tokens came from there; try again in a while")
      response.headers[.retryAfter] = "10"
      return response
    }
    let refusal = access.refusal(of: request)
    connections.setKnown(channel, refusal == nil)
    switch refusal {
    case .noToken: return unauthorized()
    case .wrongToken:
      await guardian.refuse(peer)
      return unauthorized()
    case .unknownHost:
      return failure(
        .misdirectedRequest, "this name does not stand for this machine; use 127.0.0.1, or set admin.token")
    case .foreignSite: return failure(.forbidden, "another site's page asks for this; open the address by yourself")
    case nil:
      if access.isToken(in: request) { guardian.accept(peer) }
      return nil
    }
  }

  private func unauthorized() -> Response {
    var response = failure(.unauthorized, "a token is needed: Authorization: Bearer with admin.token")
    // Browsers then ask for a name and a password; the name does not matter.
    response.headers[.wwwAuthenticate] = #"Basic realm="eventdrop", charset="UTF-8""#
    return response
  }

  private func answer(_ request: Request) async throws -> Response {
    let path = request.uri.path
    switch path {
    case "/healthz": return text(.ok, "alive\n")
    case "/readyz":
      let obstacles = await board.obstacles()
      guard !obstacles.isEmpty else { return text(.ok, "ready\n") }
      let lines = obstacles.map { LogText.escaped($0.line(in: board.zone, board.language)) + "\n" }
      return text(.serviceUnavailable, lines.joined())
    case "/metrics":
      return response(.ok, PrometheusText.contentType, ByteBuffer(string: await metrics.text()))
    case "/api/status": return json(try await board.status().json)
    case "/api/overview":
      return json(
        try await Overview(of: board).json(
          version: metrics.version, startedAt: metrics.startedAt, configurationFile: configurationFile, title: title,
          mayAct: actions != nil))
    case "/api/events":
      let query = try EventQuery(
        URLText.parameters(request.uri.query), now: board.clock.now(), zone: zone, partitionZone: partitionZone)
      return json(try await patience.ask { [desk] in try await desk.page(query) })
    case "/api/failures":
      return json(.object([("failures", .array(try await board.status().groups.map { $0.json(in: board.language) }))]))
    case "/api/account":
      // A browser complains about a 404 even if its user can do nothing about it.
      let subject = try subject(asked: request.uri.query)
      return json(try await patience.ask { [desk] in try await desk.account(of: subject) } ?? .null)
    case _ where path.hasPrefix("/api/events/"):
      return try await event(path.dropFirst("/api/events/".count))
    default:
      guard let file = AdminPage.file(at: path) else { return failure(.notFound, "there is nothing at \(path)") }
      return page(file, request)
    }
  }

  /// Shows what an action would affect, or does it if the seal of that preview is given.
  private func act(_ request: Request, from channel: any Channel) async throws -> Response {
    guard let actions else {
      return failure(.forbidden, "nothing can be done from here; set admin.actions: on, and admin.token")
    }
    guard access.isIntended(request) else {
      return failure(.forbidden, "write the header field Eventdrop-Action: 1, which no page of another site can send")
    }
    let wish = try ActionWish(
      URLText.parameters(request.uri.query), now: board.clock.now(), zone: zone, partitionZone: partitionZone)
    guard let seal = wish.seal else { return json(try await actions.preview(wish).json) }
    let name = access.userName(of: request).map { "\($0), " } ?? ""
    guard
      let done = try await actions.perform(wish, seal: seal, by: name + AdminConnections.peer(of: channel))
    else {
      return failure(.conflict, "other files are meant by now than those that were shown; look at them again")
    }
    return json(done.json)
  }

  private func subject(asked query: String?) throws(QueryMistake) -> EventDesk.Subject {
    let parameters = try URLText.parameters(query)
    if parameters.count == 1, let parameter = parameters.first {
      if parameter.name == "id" { return .event(parameter.value) }
      if parameter.name == "cursor", let cursor = EventCursor(parameter.value) { return .file(cursor) }
    }
    throw QueryMistake(
      "write /api/account?id=ID, the eventId percent-encoded, or /api/account?cursor=CURSOR of a failed file")
  }

  private func event(_ rest: Substring) async throws -> Response {
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    guard let eventId = parts.first.flatMap({ URLText.decoded($0) }), parts.count <= 2,
      parts.count == 1 || parts[1] == "record"
    else { return failure(.notFound, "write /api/events/ID, the eventId percent-encoded") }
    let unknown = "nothing is known about an event '\(eventId)'"
    guard parts.count == 2 else {
      let account = try await patience.ask { [desk] in try await desk.event(eventId) }
      return account.map { json($0) } ?? failure(.notFound, unknown)
    }
    guard let record = try await patience.ask({ [desk] in try await desk.record(eventId) }) else {
      return failure(.notFound, unknown)
    }
    return response(.ok, "application/json", ByteBuffer(bytes: record))
  }

  // MARK: Answers

  private func page(_ file: AdminPage.File, _ request: Request) -> Response {
    let tag = "\"\(metrics.version)-\(metrics.startedAt.milliseconds)\""
    var response = response(.ok, file.contentType, ByteBuffer(bytes: file.bytes))
    response.headers[.cacheControl] = "no-cache"
    response.headers[.eTag] = tag
    if request.headers[.ifNoneMatch] == tag {
      response.status = .notModified
      response.body = ResponseBody()
    }
    return response
  }

  private func json(_ output: JSONOutput, _ status: HTTPResponse.Status = .ok) -> Response {
    response(status, "application/json", ByteBuffer(bytes: output.bytes))
  }

  private func failure(_ status: HTTPResponse.Status, _ text: String, _ message: Message? = nil) -> Response {
    var members: [(String, JSONOutput)] = [("error", .text(text))]
    if let message { members.append(JSONOutput.messages([("error", message)])) }
    return json(.object(members), status)
  }

  private func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
    response(status, "text/plain; charset=utf-8", ByteBuffer(string: text))
  }

  private func response(_ status: HTTPResponse.Status, _ type: String, _ body: ByteBuffer) -> Response {
    var headers: HTTPFields = [
      .contentType: type, .cacheControl: "no-store", .contentSecurityPolicy: AdminPage.securityPolicy,
      .xContentTypeOptions: "nosniff",
    ]
    if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
  }
}
