package import DurableFiles
package import Events
internal import ExactJSON
internal import Time

/// Why a daemon's services are blocked: a file in `state/`, for commands that ask from outside.
package struct Troubles: Hashable, Sendable {
  /// By the services' names; see `ServiceHealth`.
  package var services: [String: ServiceHealth.Trouble]
  private static let fileName = FileName("troubles.json")
  private static let sizeLimit = 1 << 20

  package init(_ services: [String: ServiceHealth.Trouble] = [:]) {
    self.services = services
  }

  /// Reads what a daemon has left; empty if there is no such file, or if it cannot be read.
  ///
  /// - Parameter state: The state folder.
  package init(in state: Folder) {
    self.init()
    guard let bytes = (try? state.read(Self.fileName, limit: Self.sizeLimit)) ?? nil else { return }
    var document = JSONDocument()
    guard (try? document.scan(bytes.span)) != nil, document.root.kind == .object else { return }
    func text(_ value: JSONValue) -> String? {
      guard value.kind == .string else { return nil }
      return JSONText.string(value.withoutQuotes, in: bytes.span)
    }
    for member in document.members {
      guard let name = JSONText.string(member.name, in: bytes.span), member.value.kind == .array else { continue }
      var parts: [JSONValue] = []
      JSONText.elements(of: member.value, in: bytes.span, into: &parts)
      guard parts.count == 4, let reason = text(parts[0]), let advice = text(parts[1]),
        let since = text(parts[3]).flatMap(Timestamp.init(rfc3339:))
      else { continue }
      services[name] = ServiceHealth.Trouble(
        reason: reason, advice: Message(said: advice), needsPerson: parts[2].kind == .true, since: since)
    }
  }

  /// Leaves them for others, replacing earlier ones.
  ///
  /// - Parameters:
  ///   - state: The state folder.
  ///   - mode: The file's mode.
  ///   - language: The language of the advice.
  /// - Throws: `FileFailure`.
  package func write(to state: Folder, mode: UInt32, in language: Language) throws(FileFailure) {
    guard !services.isEmpty else { return try state.remove(Self.fileName) }
    let members = services.sorted { $0.key < $1.key }.map { name, trouble in
      (
        name,
        JSONOutput.array([
          .text(trouble.reason), .text(trouble.advice.text(in: language)), .flag(trouble.needsPerson),
          .time(trouble.since),
        ])
      )
    }
    let file = try UnnamedFile(in: state, mode: mode)
    try file.write(JSONOutput.object(members).bytes.span)
    try file.publish(replacing: Self.fileName)
  }
}
