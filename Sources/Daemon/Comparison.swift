package import Catalog
internal import DurableFiles
internal import EventStore
package import Events
internal import ExactJSON
internal import Intake
internal import Operations
package import Settings
internal import SystemPackage
internal import Time

/// `eventdrop diff`: a record, and the file in conflict with it, member by member.
package struct Comparison: Sendable {
  /// A member that differs; nil if one side does not have it.
  package struct Difference: Sendable {
    /// A JSON Pointer.
    package var path: String
    package var record: String?
    package var file: String?
  }

  package var record: String
  package var file: String
  package var differences: [Difference]

  /// Why there is nothing to compare.
  package enum Failure: Error {
    case unknown
    case noRecord
    case noFile
    case unreadable(Message)
    case store(StorageError)
  }

  /// Compares.
  ///
  /// - Throws: `Failure`.
  package static func of(_ id: String, _ configuration: Configuration) throws(Failure) -> Comparison {
    let account: EventAccount?
    let patient = configuration.patientFiles()
    do throws(StorageError) {
      account = try EventIndex(configuration.store.layout, files: patient).event(EventID(id))
    } catch {
      throw .store(error)
    }
    guard let account else { throw .unknown }
    let files = account.failures.sorted { left, right in
      let (isLeft, isRight) = (left.report.isOfIdentity, right.report.isOfIdentity)
      return isLeft == isRight ? left.report.lastFailedAt > right.report.lastFailedAt : isLeft
    }
    guard let failed = files.first else { throw .noFile }
    guard let listed = account.listed, let record = account.record else { throw .noRecord }
    let parent = failed.status == .retry ? configuration.store.layout.retry : configuration.store.layout.failed
    let other = try event(id, in: failed.file, parent, failed.report.inbox, configuration, patient)
    let now = SystemClock().now()
    let made = other.record(processedAt: now, createdAt: now, updatedAt: now)
    let (left, right) = (members(of: record), members(of: made))
    var differences: [Difference] = []
    for (path, value) in left {
      let other = right.value(at: path)
      if other.map({ $0.utf8.elementsEqual(value.utf8) }) != true {
        differences.append(Difference(path: path, record: value, file: other))
      }
    }
    for (path, value) in right where left.value(at: path) == nil {
      differences.append(Difference(path: path, record: nil, file: value))
    }
    return Comparison(
      record: configuration.store.layout.processed.appending(listed.file).string,
      file: parent.string + "/" + failed.file.description, differences: differences)
  }

  private static func event(
    _ id: String, in name: FileName, _ parent: FilePath, _ inbox: String, _ configuration: Configuration,
    _ files: PatientFiles
  ) throws(Failure) -> Event {
    let options = configuration.inboxes.map(\.options)
    guard let own = options.first(where: { $0.name == inbox }) ?? options.first else { throw .noFile }
    let content: DropPreview.Content?
    do throws(FileFailure) {
      let folder = try Folder(at: parent, files: files)
      content = try DropPreview.read(name, in: folder, by: own, clock: SystemClock(), limit: 10_000)
    } catch {
      throw .unreadable(InboxRules.unreadable(error))
    }
    switch content {
    case .events(let items, _, _):
      let events = items.compactMap { if case .event(let event) = $0 { event } else { nil } }
      guard let event = events.first(where: { $0.eventId == EventID(id) }) ?? events.first else {
        throw .unreadable(Message(CommandMessage.noEventInFile, ["file": .text("\(name)")]))
      }
      return event
    case .failed(let failure): throw .unreadable(failure.message)
    case .unsettled: throw .unreadable(Message(CommandMessage.fileOpen, ["file": .text("\(name)")]))
    case nil: throw .noFile
    }
  }

  /// A record's values by path, in order; when it was written and where it came from are not compared.
  private struct Members: Sequence {
    private var order: [String] = []
    /// By the bytes of the paths: to Swift's strings, two spellings of one character are equal.
    private var values: [[UInt8]: String] = [:]

    mutating func add(_ path: String, _ value: String) {
      if values.updateValue(value, forKey: Array(path.utf8)) == nil { order.append(path) }
    }

    func value(at path: String) -> String? { values[Array(path.utf8)] }

    func makeIterator() -> AnyIterator<(String, String)> {
      var paths = order.makeIterator()
      return AnyIterator { paths.next().map { ($0, value(at: $0) ?? "") } }
    }
  }

  private static func members(of record: [UInt8]) -> Members {
    var members = Members()
    var document = JSONDocument()
    guard (try? document.scan(record.span)) != nil else { return members }
    for member in document.members {
      let name = JSONText.string(member.name, in: record.span) ?? ""
      guard ["eventType", "data", "attributes"].contains(name) else { continue }
      add(member.value, at: "/" + name, of: record, to: &members)
    }
    return members
  }

  private static func add(_ value: JSONValue, at path: String, of record: [UInt8], to result: inout Members) {
    switch value.kind {
    case .object:
      var members: [JSONMember] = []
      JSONText.members(of: value, in: record.span, into: &members)
      if members.isEmpty { result.add(path, "{}") }
      for member in members {
        // As in a JSON Pointer (RFC 6901, section 3).
        let name = (JSONText.string(member.name, in: record.span) ?? "").replacingScalars { scalar in
          switch scalar {
          case "~": "~0"
          case "/": "~1"
          default: nil
          }
        }
        add(member.value, at: "\(path)/\(name)", of: record, to: &result)
      }
    case .array:
      var elements: [JSONValue] = []
      JSONText.elements(of: value, in: record.span, into: &elements)
      if elements.isEmpty { result.add(path, "[]") }
      for (index, element) in elements.enumerated() { add(element, at: "\(path)/\(index)", of: record, to: &result) }
    default: result.add(path, String(decoding: record[value.range], as: UTF8.self))
    }
  }
}

extension FailureReport {
  fileprivate var isOfIdentity: Bool { [.conflict, .superseded].contains(failure.reason) }
}
