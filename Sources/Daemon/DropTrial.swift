package import Catalog
internal import DurableFiles
internal import EventStore
package import Events
internal import ExactJSON
internal import Glibc
internal import Intake
internal import Operations
package import Settings
internal import SystemPackage
internal import Time

/// `eventdrop test`: what would happen to a file, without doing it.
package struct DropTrial: Sendable {
  /// One of its events.
  package struct Outcome: Sendable {
    package enum Kind: String, Sendable {
      case new, duplicate, conflict, failed

      /// The wording for people.
      package var message: Message {
        switch self {
        case .new: Message(TrialMessage.new)
        case .duplicate: Message(TrialMessage.duplicate)
        case .conflict: Message(TrialMessage.conflict)
        case .failed: Message(TrialMessage.failed)
        }
      }
    }

    package var kind: Kind
    package var index: Int?
    package var eventId: String?
    package var eventType: String?
    /// The entries of the inbox's `eventId` and `eventType` that it came from.
    package var eventIdFrom: String?
    package var eventTypeFrom: String?
    /// What is wrong with it, or what is known about it.
    package var message: Message?
    package var record: String?
  }

  package var file: String
  /// The inbox that contains it, or that takes its name; nil if there is none.
  package var inbox: String?
  package var isInInbox = false
  /// Whether the inbox takes files of its name.
  package var isTakenByName = false
  /// Why the inbox does not take it, or not yet.
  package var hindrances: [Message] = []
  package var charset: String?
  package var outcomes: [Outcome] = []
  /// Whether it was read, and there is no event in it: it would go without a record.
  package var isEmpty = false
  /// Whether there are more events than were looked at.
  package var isMore = false
  /// Why the file as a whole cannot be read.
  package var failure: Message?

  /// Whether it would be stored, now or once it has settled.
  package var isGood: Bool {
    failure == nil && inbox != nil && hindrances.isEmpty
      && outcomes.allSatisfy { [.new, .duplicate].contains($0.kind) }
  }

  /// How many events of a file are looked at.
  private static let limit = 100

  /// Looks at a file.
  ///
  /// - Parameters:
  ///   - file: Its path.
  ///   - name: The inbox that is to read it; nil: the one that contains it, or else the first that takes its name.
  ///   - configuration: The configured inboxes.
  /// - Returns: What would happen to it; nil if there is no such file, or no inbox of that name.
  /// - Throws: `StorageError`.
  package static func run(
    _ file: String, inbox name: String?, _ configuration: Configuration
  ) throws(StorageError) -> DropTrial? {
    let files = configuration.patientFiles(asksInboxes: true)
    let path = absolutePath(FilePath(spelled: file, files: files))
    guard let last = FileName(lastOf: path) else { return nil }
    do throws(FileFailure) {
      guard let folder = try Folder.openingIfThere(path.removingLastComponent(), files: files),
        let status = try folder.status(of: last)
      else { return nil }
      var trial = DropTrial(file: file)
      let options = configuration.inboxes.map(\.options)
      let place = try trial.place(of: folder, options)
      let index =
        name.map { name in options.firstIndex { $0.name == name } } ?? place
        ?? options.firstIndex { NamePatterns(include: $0.include, exclude: $0.exclude).match(last) }
      if name != nil, index == nil { return nil }
      guard let index else {
        trial.hindrances = options.compactMap { option in
          InboxRules(option).nameHindrance(last).map {
            Message(TrialMessage.ofInbox, ["inbox": .text(option.name), "why": .message($0)])
          }
        }
        return trial
      }
      let inbox = options[index]
      trial.inbox = inbox.name
      trial.charset = inbox.charset.text
      let rules = InboxRules(inbox)
      let nameHindrance = rules.nameHindrance(last)
      trial.isTakenByName = nameHindrance == nil
      if let what = try rules.whatItIs(last, status, in: folder) {
        trial.hindrances.append(what)
        trial.charset = nil
        return trial
      }
      trial.hindrances += [nameHindrance].compactMap(\.self)
      if trial.isInInbox {
        trial.hindrances += try rules.stateHindrances(last, status, in: folder)
        trial.hindrances += [InboxRules.lackOfRoom(configuration.store.layout, files)].compactMap(\.self)
      }
      let content: DropPreview.Content?
      let store = configuration.store
      do throws(FileFailure) {
        content = try DropPreview.read(
          last, in: folder, by: inbox, clock: SystemClock(), limit: limit, isToTheEnd: true,
          isOnRecord: { claim in
            // If the index cannot be read, that is reported below, where each event is looked up.
            (try? EventIndex(store.layout, files: files))?.isOnRecord(claim) ?? false
          })
      } catch {
        // If it is in an inbox, this has already been reported.
        if !trial.isInInbox { trial.hindrances.append(InboxRules.unreadable(error)) }
        return trial
      }
      switch content {
      case .events(let items, let isMore, let failure):
        trial.isMore = isMore
        trial.failure = failure?.message.asRehearsed
        trial.isEmpty = items.isEmpty && failure == nil
        do throws(StorageError) {
          let known = try EventIndex(store.layout, files: files)
          for item in items { trial.outcomes.append(try Self.outcome(of: item, known, configuration.timezone)) }
        } catch {
          trial.failure = Message(
            TrialMessage.unreadable, ["why": .text("\(error)"), "advice": .message(error.adviceMessage)])
        }
        trial.nameSources(last, folder, index, configuration)
      case .failed(let failure): trial.failure = failure.message.asRehearsed
      case .unsettled:
        if trial.hindrances.isEmpty { trial.hindrances.append(Message(TrialMessage.changing)) }
      case nil: return nil
      }
      return trial
    } catch {
      throw .files(error)
    }
  }

  /// The inbox that a folder belongs to.
  private mutating func place(of folder: Folder, _ options: [InboxOptions]) throws(FileFailure) -> Int? {
    let own = try folder.status()
    for (index, option) in options.enumerated() {
      // One that does not answer is not the folder of the file, which has answered.
      guard let there = try? Folder(at: option.path, files: folder.files).status() else { continue }
      if there.isSameFile(as: own) {
        isInInbox = true
        return index
      }
      let isBelow = folder.path.string.hasPrefix(option.path.string + "/")
      guard isBelow else { continue }
      isInInbox = true
      let way = folder.path.string.dropFirst(option.path.string.count + 1).split(separator: "/")
      if way.contains(where: { $0.hasPrefix(".eventdrop-") }) {
        hindrances.append(Message(TrialMessage.inHand))
      } else if let hidden = way.first(where: { $0.hasPrefix(".") }) {
        hindrances.append(Message(TrialMessage.inHiddenFolder, ["folder": .text(String(hidden))]))
      } else if !option.recursive {
        hindrances.append(Message(TrialMessage.inFolder, ["inbox": .text(option.name)]))
      }
      return index
    }
    return nil
  }

  private static func outcome(
    of item: DroppedItem, _ known: EventIndex, _ zone: TimeZoneRules
  ) throws(StorageError) -> Outcome {
    let event: Event
    switch item {
    case .failed(let failed):
      return Outcome(
        kind: .failed, index: failed.index, eventId: failed.failure.eventId?.text, eventType: failed.failure.eventType,
        message: failed.failure.message)
    case .event(let read): event = read
    }
    let account = try known.event(event.eventId, withFailures: false)
    let now = SystemClock().now()
    let createdAt = account?.listed?.createdAt ?? event.createdAt ?? now
    let bytes = event.record(processedAt: now, createdAt: createdAt, updatedAt: now)
    var outcome = Outcome(
      kind: .new, index: event.source.index, eventId: event.eventId.text, eventType: event.eventType,
      record: String(decoding: bytes.dropLast(), as: UTF8.self))
    if let record = account?.record {
      var document = JSONDocument()
      let stored = try? ProcessedEvent(record.span, using: &document)
      let isSame = stored.map { stored in
        stored.eventType.utf8.elementsEqual(event.eventType.utf8)
          && event.withData { data in JSONText.sameTokens(0..<data.count, of: data, stored.data, of: record.span) }
      }
      outcome.kind = isSame == true ? .duplicate : .conflict
      let time = Message.Value.text(account?.listed?.updatedAt.rfc3339(in: zone) ?? "")
      outcome.message = Message(isSame == true ? DropMessage.wouldBeDuplicate : .wouldBeConflict, ["time": time])
    } else if account?.wasPruned == true {
      outcome.kind = .duplicate
      outcome.message = Message(DropMessage.wouldBeKnown)
    }
    return outcome
  }

  /// Finds out which entries have yielded ids and types, by reading with each of them alone.
  private mutating func nameSources(
    _ name: FileName, _ folder: Folder, _ inbox: Int, _ configuration: Configuration
  ) {
    func read(_ change: (inout EventMapping) -> Void) -> [DroppedItem] {
      var options = configuration.inboxes[inbox].options
      change(&options.mapping)
      let content = try? DropPreview.read(
        name, in: folder, by: options, clock: SystemClock(), limit: Self.limit)
      if case .events(let items, _, _)? = content { return items }
      return []
    }
    let mapping = configuration.inboxes[inbox].options.mapping
    for entry in mapping.eventId {
      let found = read { $0.eventId = [entry] }
      for (index, item) in found.enumerated() where outcomes.indices.contains(index) {
        guard case .event(let event) = item, outcomes[index].eventIdFrom == nil,
          outcomes[index].eventId?.utf8.elementsEqual(event.eventId.text.utf8) == true
        else { continue }
        outcomes[index].eventIdFrom = entry.listed
      }
    }
    for entry in mapping.eventType {
      let found = read {
        $0.eventType = [entry]
        $0.eventTypeDefault = nil
      }
      for (index, item) in found.enumerated() where outcomes.indices.contains(index) {
        guard case .event(let event) = item, outcomes[index].eventTypeFrom == nil,
          outcomes[index].eventType?.utf8.elementsEqual(event.eventType.utf8) == true
        else { continue }
        outcomes[index].eventTypeFrom = entry.listed
      }
    }
    for index in outcomes.indices where outcomes[index].eventType != nil && outcomes[index].eventTypeFrom == nil {
      if mapping.eventTypeDefault != nil { outcomes[index].eventTypeFrom = "eventTypeDefault" }
    }
  }
}

extension MemberSource {
  /// For people.
  fileprivate var listed: String {
    if case .joined(let parts) = self { parts.map(\.description).joined(separator: " + ") } else { description }
  }
}

extension Message {
  /// The same for a file of which nothing has been stored.
  fileprivate var asRehearsed: Message {
    let arguments = arguments.map { argument in
      guard case .message(let message) = argument.value else { return argument }
      return Argument(argument.name, .message(message.asRehearsed))
    }
    let rehearsed =
      if has(ContentMessage.afterStored) {
        ContentMessage.afterRead.rawValue
      } else if has(DropMessage.invalidArray) {
        DropMessage.invalidArrayInTrial.rawValue
      } else {
        code
      }
    return rehearsed.flatMap { Message(code: $0, arguments: arguments) } ?? self
  }
}
