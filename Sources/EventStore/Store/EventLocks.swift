internal import Concurrency
internal import Events

/// Whose hand each event is in (I6): a portion holds its events while they are being stored; acknowledgements share theirs,
/// for what is noted about an earlier writing of an event is older than the next writing.
typealias EventLocks = KeyedLock<EventID>
