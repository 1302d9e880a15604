internal import Catalog
package import EventStore
package import Events
package import SystemPackage
package import Time

/// All settings, checked.
///
/// The settings of a room are read into that room's own options. Each setting's default is at its declaration, and
/// nowhere else.
package struct Configuration: Sendable {
  /// Never empty; their names are unique.
  package var inboxes: [InboxSettings]
  /// The folders behind the inboxes, and how events in them are stored, retried and kept.
  package var store: StoreOptions
  /// The largest number of events per barrier.
  package var portion = 500
  package var forward = ForwardSettings()
  package var retry = RetrySettings()
  package var retention = RetentionSettings()
  /// For schedules, and for times shown to people.
  package var timezone = TimeZoneRules.utc
  /// How long work in progress may take to finish when the daemon is stopped.
  package var shutdownGrace: Duration = .seconds(10)
  /// Whether a second daemon waits for the first to exit, instead of giving up.
  package var standby = false
  package var admin = AdminSettings()
  package var notify = NotifySettings()
  package var fleet = FleetSettings()
  package var log = LogSettings()
  /// The keys that have a value in the file, such as `forward.batch.maxEvents` and `inboxes[].path`.
  ///
  /// Configurations that differ only in this are equal.
  package internal(set) var givenKeys: Set<String> = []
  /// The keys whose value is unknown here, because a variable or a file is missing that the daemon may have.
  package internal(set) var unseenKeys: Set<String> = []
  /// The places of the values, by keys such as `inboxes[0].path`.
  var places: [String: Place] = [:]
  /// Values that are valid, but hardly intended.
  var doubts: [Problem] = []

  /// How much of a configuration is needed: if a key that is not needed refers to a missing variable or file, it counts
  /// as unset, and is one of `unseenKeys`.
  package enum Scope: CaseIterable, Sendable {
    /// All of it, as for the daemon.
    case whole
    /// Paths and names, as for commands that only read.
    case reading
    /// That, and how long things are kept, as for commands that move files or repair the catalog.
    case withoutForwarding
    /// That, and which machines share their identities, as for a command that stores events.
    case storing
    /// How long things are kept, and what is done with a day before it is removed.
    case pruning
    /// Who is notified of what, and how.
    case notifying
    /// Which machines share their identities, and where.
    case sharing

    /// The keys that are not needed, including all below them.
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
      StoreLayout(
        processed: folder.resolving("processed"), retry: folder.resolving("retry"), failed: folder.resolving("failed"),
        state: folder.resolving("state")))
  }

  /// For what people read; logs are in English.
  package var language: Language { store.layout.language }

  /// The configuration of an empty file, with no environment variable set.
  ///
  /// - Parameter folder: The base of the folders' relative paths.
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
