package import EventStore
package import Events
package import SystemPackage
package import Time

/// All that people can set, checked.
///
/// What a room works by is read into that room's own options. Each setting's default stands at its declaration, and nowhere
/// else.
package struct Configuration: Sendable {
  /// Never empty; no two have the same name.
  package var inboxes: [InboxSettings]
  /// The folders behind the inboxes, and how events are stored in them, tried again and kept.
  package var store: StoreOptions
  /// How many events there are to a barrier, at most.
  package var portion = 500
  package var forward = ForwardSettings()
  package var retry = RetrySettings()
  package var retention = RetentionSettings()
  /// Of schedules, and of times shown to people.
  package var timezone = TimeZoneRules.utc
  /// How long what is under way may take to finish when the daemon is told to stop.
  package var shutdownGrace: Duration = .seconds(10)
  /// Whether a second daemon waits for the first to go, instead of giving up.
  package var standby = false
  package var admin = AdminSettings()
  package var notify = NotifySettings()
  package var fleet = FleetSettings()
  package var log = LogSettings()
  /// The keys that the file has a value for, as `forward.batch.maxEvents` and `inboxes[].path`.
  ///
  /// Two configurations that differ in nothing else are equal.
  package internal(set) var givenKeys: Set<String> = []
  /// The keys whose value is not known here, as a variable or a file is missing that the daemon may have.
  package internal(set) var unseenKeys: Set<String> = []
  /// Where the values stand, by keys as `inboxes[0].path`.
  var places: [String: Place] = [:]

  /// How much of a configuration somebody needs: where a variable or a file is missing that a key names which is not needed,
  /// the key counts as not set, and is one of `unseenKeys`.
  package enum Scope: CaseIterable, Sendable {
    /// All of it, as the daemon.
    case whole
    /// Where things are and what they are called, as commands that only read.
    case reading
    /// That, and what is kept for how long, as commands that move files or mend the catalog.
    case withoutForwarding
    /// That, and which machines share their identities, as a command that stores events.
    case storing
    /// What is kept for how long, and what is done with a day before it is removed.
    case pruning
    /// Who is told of what, and how.
    case notifying
    /// Which machines share their identities, and where.
    case sharing

    /// The keys of which, with all below them, nothing is needed.
    private var unneeded: [String] {
      let ofTheDaemon = ["forward", "admin", "fleet", "log", "shutdownGrace", "standby"]
      return switch self {
      case .whole: []
      case .reading:
        ofTheDaemon + ["notify", "language", "retention", "retry", "processed.durability", "processed.portion"]
      case .withoutForwarding: ofTheDaemon + ["notify", "language", "retry", "retention.archive"]
      case .storing: ofTheDaemon.filter { $0 != "fleet" } + ["notify", "language", "retry", "retention.archive"]
      case .pruning: ofTheDaemon + ["notify", "language", "retry"]
      case .sharing:
        ofTheDaemon.filter { $0 != "fleet" } + ["notify", "inboxes", "folders", "processed", "retry", "retention"]
      case .notifying: ofTheDaemon + ["inboxes", "folders", "processed", "retry", "retention"]
      }
    }

    /// Whether a key's value is needed.
    func needs(_ key: String) -> Bool {
      !unneeded.contains { key == $0 || (key.hasPrefix($0) && ".[".contains(key.dropFirst($0.count).prefix(1))) }
    }
  }

  private init(relativeTo folder: FilePath) {
    inboxes = [InboxSettings(relativeTo: folder, portion: portion)]
    store = StoreOptions(
      processed: folder.resolving("processed"), retry: folder.resolving("retry"), failed: folder.resolving("failed"),
      state: folder.resolving("state"))
  }

  /// Of what is told to people; logs are in English.
  package var language: Language { store.language }

  /// The configuration of an empty file, where no variable of the environment is set.
  ///
  /// - Parameter folder: What the folders' paths are relative to.
  /// - Returns: Every setting at its default.
  package static func defaults(relativeTo folder: FilePath) -> Configuration {
    Configuration(relativeTo: folder)
  }
}

extension Configuration: Equatable {
  package static func == (left: Configuration, right: Configuration) -> Bool {
    left.inboxes == right.inboxes && left.store == right.store && left.portion == right.portion
      && left.forward == right.forward && left.retry == right.retry && left.retention == right.retention
      && left.timezone == right.timezone && left.shutdownGrace == right.shutdownGrace && left.standby == right.standby
      && left.admin == right.admin && left.notify == right.notify && left.fleet == right.fleet
      && left.log == right.log
  }
}
